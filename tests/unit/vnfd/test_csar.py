"""Layouts, TOSCA.meta and manifests."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, META, csar, edited, line_of, manifest, zipped
from vnfm.vnfd import PackageError, read_package

FILES = {"vnfd.yaml": BASE}


def refused(files: dict[str, str | bytes]) -> PackageError:
    with pytest.raises(PackageError) as caught:
        read_package(zipped(files))
    return caught.value


def with_manifest(text: str) -> dict[str, str | bytes]:
    return {**csar(FILES), "pkg.mf": text}


GOOD_LAYOUTS = {
    "single YAML file": (BASE.encode(), "vnfd-yaml"),
    "ETSI-Entry keys": (zipped(csar(FILES)), "tosca-metadata"),
    "older keys": (
        zipped(
            {**csar(FILES), META: "CSAR-Version: 1.1\nEntry-Definitions: vnfd.yaml\nEntry-Manifest: pkg.mf\n"}
        ),
        "tosca-metadata",
    ),
    "manifest found beside": (
        zipped({**csar(FILES), META: "Entry-Definitions: vnfd.yaml\nCreated-by: someone\n"}),
        "tosca-metadata",
    ),
    "blank lines inside the first block": (
        zipped({**csar(FILES), META: "CSAR-Version: 1.1\n\nEntry-Definitions: vnfd.yaml\n\n"}),
        "tosca-metadata",
    ),
    "no TOSCA-Metadata": (zipped({**FILES, "vnfd.mf": manifest(FILES)}), "root-template"),
    "no TOSCA-Metadata, a second YAML in the root": (
        zipped({**FILES, "extra.yaml": "a: 1", "vnfd.mf": manifest({**FILES, "extra.yaml": "a: 1"})}),
        "root-template",
    ),
    "VNFD files with TOSCA.meta and no manifest": (
        zipped({META: "Entry-Definitions: vnfd.yaml\nETSI-Entry-Manifest: pkg.mf\n", **FILES}),
        "vnfd-zip",
    ),
    "VNFD file alone in a ZIP": (zipped(FILES), "vnfd-zip"),
    "signed as a whole": (
        zipped({"thing.csar": zipped(csar(FILES)), "thing.cms": "x", "thing.cert": "y"}),
        "tosca-metadata",
    ),
}


@pytest.mark.parametrize("case", GOOD_LAYOUTS)
def test_every_layout_is_read(case: str) -> None:
    data, layout = GOOD_LAYOUTS[case]
    package = read_package(data)
    assert (package.layout, package.vnfd.id) == (layout, "d-1")


@pytest.mark.parametrize("algorithm", ["SHA-224", "SHA-256", "sha-384", "sha512"])
def test_hash_algorithms(algorithm: str) -> None:
    package = read_package(zipped(with_manifest(manifest(FILES, algorithm))))
    assert [(item.path, item.algorithm) for item in package.artifacts] == [("vnfd.yaml", algorithm)]


def test_the_manifest_is_read_as_people_write_it() -> None:
    text = (
        "# made by hand\nmetadata:\nvnf_product_name: thing\nvnfm_info: etsivnfm:v3.3.1\n\n"
        + manifest(FILES).partition("\n\n")[2].replace("Source: ", "Source: ./").replace("Hash:", "hash:")
        + "\nSource: https://images.example/disk.qcow2\nAlgorithm: SHA-256\nHash: 00\n"
        + "non_mano_artifact_sets:\n  acme_set:\n    Source: notes.txt\n"
        + "-----BEGIN CMS-----\nnot: looked: at\n-----END CMS-----\n"
    )
    package = read_package(zipped({**with_manifest(text), "notes.txt": "n"}))
    assert package.metadata == {"vnf_product_name": "thing", "vnfm_info": "etsivnfm:v3.3.1"}
    found = {item.path: (item.is_external, item.non_mano_set) for item in package.artifacts}
    assert found == {
        "vnfd.yaml": (False, None),
        "https://images.example/disk.qcow2": (True, None),
        "notes.txt": (False, "acme_set"),
    }
    assert package.notes == ("the manifest's signature was not verified",)


MANIFEST = manifest(FILES)
BAD_MANIFESTS = {
    "wrong hash": (edited(("Hash: ", "Hash: 00"), base=MANIFEST), "hash-mismatch", "Source: vnfd.yaml"),
    "unknown algorithm": (edited(("SHA-256", "MD5"), base=MANIFEST), "hash-algorithm", "Source: vnfd.yaml"),
    "file not there": (MANIFEST + "\nSource: gone.sh\n", "file-missing", "Source: gone.sh"),
    "listed twice": (MANIFEST + "\n\nSource: vnfd.yaml\n", "manifest-duplicate", None),
    "hash without algorithm": (
        edited(("Algorithm: SHA-256\n", ""), base=MANIFEST),
        "manifest-syntax",
        "Source: vnfd.yaml",
    ),
    "no colon": (MANIFEST + "\nnonsense\n", "manifest-syntax", "nonsense"),
}


@pytest.mark.parametrize("case", BAD_MANIFESTS)
def test_bad_manifests_are_refused(case: str) -> None:
    text, rule, fragment = BAD_MANIFESTS[case]
    error = refused(with_manifest(text))
    assert (error.rule, error.file) == (rule, "pkg.mf")
    assert error.line == (line_of(text, fragment) if fragment else text.count("\n"))


def test_a_definition_the_manifest_does_not_vouch_for_is_refused() -> None:
    error = refused({**csar(FILES), "evil.yaml": "a: 1"})
    assert (error.rule, error.file) == ("unlisted-file", "evil.yaml")


BAD_PACKAGES: dict[str, tuple[dict[str, str | bytes], str]] = {
    "no entry key": ({**csar(FILES), META: "CSAR-Version: 1.1\n"}, "entry-missing"),
    "entry names nothing": (csar(FILES, entry="other.yaml"), "entry-missing"),
    "other definitions name nothing": (csar(FILES, Other_Definitions="a.yaml b.yaml"), "entry-missing"),
    "no manifest": (
        {**{k: v for k, v in csar(FILES).items() if k != "pkg.mf"}, "ChangeLog.txt": "x"},
        "manifest-missing",
    ),
    "no manifest, no TOSCA-Metadata": ({**FILES, "ChangeLog.txt": "x"}, "manifest-missing"),
    "two templates in the root": ({**FILES, "second.yaml": BASE}, "entry-missing"),
    "no template at all": ({"readme.txt": "x"}, "entry-missing"),
    "meta without colon": ({**csar(FILES), META: "Entry-Definitions vnfd.yaml\n"}, "meta-syntax"),
    "meta block names a missing file": (
        {**csar(FILES), META: "Entry-Definitions: vnfd.yaml\n\nName: gone.txt\n"},
        "file-missing",
    ),
    "meta block has a wrong hash": (
        {
            **csar(FILES),
            META: "Entry-Definitions: vnfd.yaml\n\nName: vnfd.yaml\nAlgorithm: SHA-256\nHash: 00\n",
        },
        "hash-mismatch",
    ),
}


@pytest.mark.parametrize("case", BAD_PACKAGES)
def test_bad_packages_are_refused(case: str) -> None:
    files, rule = BAD_PACKAGES[case]
    assert refused(files).rule == rule
