"""What the demo's emulators are seeded with: its own user, and a template for every image of the samples."""

from __future__ import annotations

from collections.abc import Mapping

from vnfm.domain.vnfd import SoftwareImage, Vnfd
from vnfm.sandbox.nfvo.packages import images_of
from vnfm.sandbox.packages import build_sample, list_samples
from vnfm.vim.cloudstack.images import spellings
from vnfm.vnfd import read_package


def sample_vnfds() -> list[Vnfd]:
    """The VNFDs of all sample packages."""
    return [read_package(build_sample(name)).vnfd for name in list_samples()]


def cloudstack_seed(account: str, api_key: str, secret: str, job_seconds: float) -> Mapping[str, object]:
    """For the CloudStack emulator; its README.md describes the format."""
    found = [image for vnfd in sample_vnfds() for image in images_of(vnfd).values()]
    names = sorted({_template_name(image) for image in found})
    return {
        # The demo is to end empty: its user may expunge, which is not CloudStack's default.
        "settings": {"allow.user.expunge.recover.vm": "true", "sandbox.job.seconds": f"{job_seconds:g}"},
        "accounts": [
            {
                "name": account,
                "users": [{"username": account, "apikey": api_key, "secret": secret}],
                "limits": {"*": -1},
            }
        ],
        "templates": [{"name": name} for name in names],
    }


def _template_name(image: SoftwareImage) -> str:
    return spellings(image.name, image.version)[0]
