"""The emulator's catalogue against the reference one, where the reference is at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from vnfm.sandbox.cloudstack import catalogue

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = (
    Path(os.environ.get("VNFM_REFERENCE") or REPOSITORY.parent / "shared" / "reference") / "cloudstack"
)
# where the recordings contradict the reference catalogue, the recordings are right
RECORDED_KEYS = {
    "registerUserData": "userdata",
    "scaleVirtualMachine": "virtualmachine",
    "listDetailOptions": "detailoptions",
    "listAffinityGroupTypes": "affinityGroupType",
}

RECORDED_ANSWERS = {"configureSimulator": "simulatormock"}


def reference() -> dict[str, Any]:
    path = REFERENCE / "listApis.json"
    if not path.exists():
        return {}
    return {api["name"]: api for api in json.loads(path.read_text())["listapisresponse"]["api"]}


APIS = reference()
KNOWN = catalogue.load()
NAMES = sorted(KNOWN.commands) if APIS else []


@pytest.mark.parametrize("name", NAMES)
def test_parameters_agree(name: str) -> None:
    """A wrong type, length or `required` would refuse what the real server takes, or the reverse."""
    theirs = {
        p["name"]: (p["type"], p["length"], p["required"])
        for p in APIS[name]["params"]
        if not p.get("x-source")
    }
    ours = {p.name: (p.type, p.length, p.required) for p in KNOWN.commands[name].params.values()}
    assert ours == theirs


@pytest.mark.parametrize("name", NAMES)
def test_kind_and_keys_agree(name: str) -> None:
    api, command = APIS[name], KNOWN.commands[name]
    assert (command.kind in ("async", "create")) == api["isasync"]
    assert (command.kind == "create") == bool(api.get("x-asynccreate"))
    assert command.answer == RECORDED_ANSWERS.get(name, api["x-responsename"])
    assert command.object == RECORDED_KEYS.get(name, api.get("x-objectname") or "")


@pytest.mark.parametrize("role", ["user", "domainadmin"] if APIS else [])
def test_roles_agree(role: str) -> None:
    genuine = set(json.loads((REFERENCE / "roles.json").read_text())[role])
    ours = {name for name, command in KNOWN.commands.items() if role in command.roles}
    ours |= {name for name, roles in KNOWN.unbuilt.items() if role in roles}
    assert ours == genuine


@pytest.mark.parametrize("name", NAMES)
def test_answer_fields_agree(name: str) -> None:
    """listApis tells clients these names; tests/integration checks that nothing else is sent."""
    theirs = {field["name"] for field in APIS[name]["response"]}
    assert set(KNOWN.objects[KNOWN.commands[name].raw["fields"]]) == theirs
