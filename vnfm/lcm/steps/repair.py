"""HEAL beyond a reboot: look what is wrong, rebuild in place, or re-create under the same identity."""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain import standing
from vnfm.domain.ids import derive, label
from vnfm.engine.step import Done, Memo, Progress, Recovery, Step
from vnfm.errors import Permanent, Temporary
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import chosen_compute
from vnfm.lcm.steps.compute import DeployVnfc
from vnfm.lcm.steps.power import RUNNING, SETTLING, STOPPED
from vnfm.lcm.steps.removal import remove_all
from vnfm.lcm.steps.securitygroup import groups_of
from vnfm.vim.port import Kind, NicSpec, Resource, Server, ServerSpec, Trace

#: What heals a server by itself, by the state it is seen in; one that is not seen is re-created too.
RUNGS = {
    "running": "reboot",
    "stopped": "start",
    "error": "recreate",
    "destroyed": "recreate",
    "expunging": "recreate",
}
#: The rungs that need a server which still has a life in it.
NEED_LIFE = frozenset({"reboot", "rebuild"})


class DiagnoseVnfc(Step[Context]):
    """Choose the rung of the ladder before the grant is asked for: only looks. Target: its key."""

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look at the server; the result's ``action`` is what the other steps go by."""
        vnfc = standing.vnfc(ctx.instance, target)
        server = ctx.vim.read_server(vnfc.server)
        if server is not None and server.state.lower() in SETTLING:
            raise Temporary(f"server {server.id} is {server.state}", ctx.pause(4))
        asked = asked_action(ctx.op.params)
        action = _auto(ctx, vnfc.id, server) if asked == "auto" else _as_asked(asked, server)
        return Done(
            {
                "action": action,
                "server": vnfc.server,
                "state": server.state if server else None,
                "name": server.name if server else None,
            }
        )


def asked_action(params: Memo) -> str:
    """The rung the request wants: additionalParams.action, else a cause that names one, else ``auto``."""
    given = (params.get("additionalParams") or {}).get("action")
    if given is not None:
        return str(given)
    cause = str(params.get("cause") or "").lower()
    return cause if cause in {"reboot", "rebuild", "recreate"} else "auto"


def _auto(ctx: Context, vnfc_id: str, server: Server | None) -> str:
    if server is None:
        return "recreate"
    state = server.state.lower()
    if state == STOPPED and standing.vnfc_state(ctx.instance, vnfc_id) == "STOPPED":
        return "none"  # it is as it should be
    if state not in RUNGS:
        raise Permanent(
            f"server {server.id} is {server.state}, which tells nothing about its health: name an action "
            "(additionalParams.action: reboot, rebuild or recreate)"
        )
    return RUNGS[state]


def _as_asked(asked: str, server: Server | None) -> str:
    state = server.state.lower() if server else "gone"
    if asked in NEED_LIFE and state not in {RUNNING, STOPPED}:
        raise Permanent(f"a server that is {state} cannot be healed by {asked}; use recreate, or auto")
    return "start" if (asked, state) == ("reboot", STOPPED) else asked


def is_to_be_recreated(ctx: Context, key: str) -> bool:
    """Whether the diagnosis says that a VNFC needs a new body."""
    return bool(ctx.result(f"diagnose_vnfc:{key}").get("action") == "recreate")


class RemoveBody(Step[Context]):
    """Remove the server a new one is to replace, until it is proven gone. Target: the VNFC's key.

    Left to the VIM's own purge it would keep name and addresses, so here nothing may be left.
    """

    recovery: ClassVar[Recovery] = Recovery.RERUN

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Ask for the removal, or see how it stands."""
        if not is_to_be_recreated(ctx, target):
            return Done({"skipped": True})
        server = standing.vnfc(ctx.instance, target).server
        progress = remove_all(ctx, [Resource(Kind.SERVER, server)], memo)
        left = progress.result.get("left") if isinstance(progress, Done) else None
        if left:
            raise Permanent(
                f"{left}; until then its name and addresses stay taken. Retry when it is purged, or give the "
                "VIM's user the right to expunge"
            )
        return progress


class RecreateVnfc(DeployVnfc):
    """Make a VNFC's server anew: the same name, addresses, MACs and data disks under another id.

    Target: the VNFC's key. Its former body is proven gone, so whatever carries the name is of this operation.
    """

    name: ClassVar[str] = "recreate_vnfc"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """As a deployment, unless a lighter rung has done."""
        if not is_to_be_recreated(ctx, target):
            return Done({"skipped": True})
        return super().advance(ctx, target, memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Without a call made there is no doubt; a survey would take the VNFC's own server for a new one."""
        if not is_to_be_recreated(ctx, target):
            return Done({"skipped": True})
        return super().probe(ctx, target, memo)

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Only what this operation has made may go."""
        if not is_to_be_recreated(ctx, target):
            return Done({})
        return super().undo(ctx, target, memo)

    def trace(self, ctx: Context, target: str) -> Trace:
        """As the former server was called, if that was to be seen."""
        known = ctx.result(f"diagnose_vnfc:{target}").get("name")
        vnfc = standing.vnfc(ctx.instance, target)
        return Trace(Kind.SERVER, known or label(f"{ctx.hint}-{target}", vnfc.id))

    def spec(self, ctx: Context, target: str, memo: Memo) -> ServerSpec:
        """The server of the record, with a custom id of this operation's own."""
        vnfc = standing.vnfc(ctx.instance, target)
        flavour = standing.flavour_of(ctx.instance, ctx.vnfd)
        vdu = flavour.vdus[vnfc.vdu]
        groups = standing.groups(ctx.instance)
        parameters = ctx.op.params.get("additionalParams") or {}
        return ServerSpec(
            name=self.trace(ctx, target).name,
            display_name=f"{ctx.instance.name or 'VNF'} {target}",
            custom_id=derive("server", vnfc.id, ctx.op.id, int(memo.get("generation", 0))),
            compute=chosen_compute(ctx, vdu.id),
            nics=_same_nics(ctx, vnfc),
            root_disk=flavour.root_disk(vdu),
            user_data=vdu.user_data,
            ssh_key_pair=parameters.get("sshKeyPair"),
            group_ids=[
                groups[rule.id]
                for rule in flavour.affinity_rules
                if rule.id in groups and vdu.id in rule.targets
            ],
            security_group_ids=groups_of(ctx, vdu.id),
        )


def _same_nics(ctx: Context, vnfc: standing.StandingVnfc) -> list[NicSpec]:
    """NICs with the addresses of the record, unless two are in one network, where the VIM takes none."""
    cps = standing.cps(ctx.instance, vnfc)
    networks = [cp.network for cp in cps]
    fixed = len(set(networks)) == len(networks)
    return [
        NicSpec(
            cp.info["id"],
            cp.network,
            cp.address if fixed else None,
            cp.mac_address if fixed else None,
        )
        for cp in cps
    ]
