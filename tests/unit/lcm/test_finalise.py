"""The last step of CHANGE_EXT_CONN: what it writes, and that a rollback finds everything as it was."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.domain import T0
from tests.unit.lcm.stand import context, done, journal, standing
from vnfm.domain.operation import OperationType, StepEntry
from vnfm.engine.step import Done, Wait
from vnfm.lcm.context import Context, operation_secret_name, secret_name
from vnfm.lcm.steps.rewiring import FinaliseExtConn

CLOUD, MOVED = {"vimType": "CLOUDSTACK"}, {"vimType": "CLOUDSTACK", "extra": {"zone": "z2"}}
KEPT = secret_name("i1", "cloud")
LINK = {
    "id": "vl-1",
    "resourceId": "net-1",
    "extCps": [{"cpdId": "fw_out", "cpConfig": {"fw_out-0": {}, "fw_out-1": {}}}],
}


class Secrets:
    """A store of secrets."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def put(self, tenant: str, name: str, value: Any) -> None:
        self.values[name] = value

    def get(self, tenant: str, name: str) -> Any:
        return self.values.get(name)

    def delete(self, tenant: str, prefix: str) -> None:
        for name in [name for name in self.values if name.startswith(prefix)]:
            del self.values[name]


class Play:
    """CHANGE_EXT_CONN that brings a connection's new data and key, with all before its last step done."""

    def __init__(self) -> None:
        links = {"before": [], "after": [LINK]}
        self.operation = journal(
            done("check_plan"),
            done("check_wiring", links=links),
            StepEntry("finalise_ext_conn", "", 3),
            type=OperationType.CHANGE_EXT_CONN,
            params={"extVirtualLinks": [], "vimConnectionInfo": {"cloud": MOVED}},
        )
        self.instance = standing()
        self.before = copy.deepcopy(self.instance)
        brought = operation_secret_name(self.operation.vnf_instance_id, self.operation.id, "cloud")
        self.secrets = Secrets(**{KEPT: {"apiKey": "old"}, brought: {"apiKey": "new"}})

    @property
    def ctx(self) -> Context:
        ports = replace(context(self.operation, self.instance).ports, secrets=self.secrets)
        return Context(ports, self.operation, T0)

    def advance(self) -> None:
        entry = self.operation.step("finalise_ext_conn")
        for _ in range(3):
            progress = FinaliseExtConn().advance(self.ctx, "", entry.memo)
            if isinstance(progress, Done):
                return
            entry.memo = progress.memo
        raise AssertionError("it does not end")

    def undo(self) -> None:
        memo: Any = {}
        for _ in range(3):
            progress = FinaliseExtConn().undo(self.ctx, "", memo)
            if isinstance(progress, Done):
                return
            assert isinstance(progress, Wait)
            memo = progress.memo
        raise AssertionError("it does not end")


def test_links_connections_and_credentials_are_written() -> None:
    play = Play()
    play.advance()
    (link,) = (play.instance.instantiated_vnf_info or {})["extVirtualLinkInfo"]
    assert link["currentVnfExtCpData"] == LINK["extCps"]
    assert play.instance.vim_connection_info == {"cloud": MOVED}
    assert play.instance.settled_by == play.operation.id
    assert play.secrets.values == {KEPT: {"apiKey": "new"}}
    play.advance()  # after a crash: once is enough
    assert play.instance.vim_connection_info == {"cloud": MOVED}


def test_a_rollback_finds_everything_as_it_was() -> None:
    play = Play()
    play.advance()
    play.undo()
    assert play.instance == replace(play.before, settled_by=None)


def test_credentials_go_back_when_the_rest_could_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    play = Play()
    store = play.ctx.ports.instances
    monkeypatch.setattr(type(store), "update", _broken)
    with pytest.raises(ConnectionError):
        play.advance()
    assert play.secrets.values[KEPT] == {"apiKey": "new"}
    monkeypatch.undo()
    play.undo()
    assert play.secrets.values[KEPT] == {"apiKey": "old"}
    assert play.instance == play.before


def _broken(*_: Any) -> None:
    raise ConnectionError
