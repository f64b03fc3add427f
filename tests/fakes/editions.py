"""Further editions of the sandbox's firewall, made of its next version by replacing text."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from tests.stage import FIREWALL_NEXT as NEXT
from tests.stage import Stage
from vnfm.sandbox.packages.catalogue import pack, read_sample

_TEMPLATE = "Definitions/edge_firewall.yaml"


def without(text: str, *names: str) -> str:
    """A template without these node templates and policies."""
    for name in names:
        node = re.compile(rf"\n    {name}:\n(?:      .*\n|\n)+(?=\n?    \S|\n  \S)")
        rule = re.compile(rf"    - {name}:\n(?:        .*\n)+")
        text, nodes = node.subn("\n", text)
        text, rules = rule.subn("", text)
        assert nodes + rules == 1, name
    return text


def onboard(stage: Stage, replaced: Mapping[str, str], *, leave_out: tuple[str, ...] = ()) -> str:
    """Make an edition after the next one and have the NFVO offer it; its VNFD id."""
    files, vnfd_id = read_sample("edge-firewall-next"), str(uuid.uuid4())
    for path in files:
        if path.endswith((".yaml", ".mf")):
            files[path] = files[path].replace(NEXT.encode(), vnfd_id.encode())
    text = without(files[_TEMPLATE].decode(), "from_3_1", *leave_out)
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    files[_TEMPLATE] = text.encode()
    stage.nfvo.nfvo.packages.onboard(pack(files))
    return vnfd_id
