"""Deploying a VNFC: the step where most can go wrong, so every way out is a named phase.

    submit ──► job ──► verify ──► done
      │ ▲       │        ▲
      │ └──┐    ▼        │ adopt a running one
      └──► survey ───────┘
             │ ▲
             ▼ │  bodies of earlier tries
            clean ──► the failure that led here, or submit again

What makes it hard (reliability.md, "CloudStack itself"): a refused submit can leave a body, a failed job can
leave a body that holds the name, a lost answer can hide a running server, a restart of the VIM cuts jobs off
while their servers lie there stopped. So no verdict and no second try without a survey.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from vnfm.domain.deployment import CpInstance, VnfcInstance
from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent, Temporary
from vnfm.lcm import reservations
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import chosen_compute, external_networks
from vnfm.lcm.steps.jobs import endless, is_overdue, settle, verdict, watch
from vnfm.lcm.steps.making import Making
from vnfm.lcm.steps.removal import remove_all, remove_made
from vnfm.lcm.steps.securitygroup import groups_of
from vnfm.vim.port import (
    Failed,
    Kind,
    Lingering,
    NicSpec,
    Outcome,
    Resource,
    Server,
    ServerSpec,
    Started,
    Survey,
    Trace,
)

log = logging.getLogger(__name__)

#: So often a server is made again that has got the address of a virtual IP; then the address counts as taken.
MOST_RIVALS = 5


class DeployVnfc(Making):
    """Make one VNFC's server. Target: the VNFC's key. Result: the server as read back."""

    name: ClassVar[str] = "deploy_vnfc"

    def spec(self, ctx: Context, target: str, memo: Memo) -> ServerSpec:
        """The server to make; ``memo`` knows the generation."""
        return _spec(ctx, target, memo)

    def trace(self, ctx: Context, target: str) -> Trace:
        """The VNFC's server."""
        return Trace(Kind.SERVER, ctx.deployment.vnfc(target).name)

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Go on from the journalled phase."""
        phases = {
            "submit": self._submit,
            "job": self._look,
            "survey": self._survey,
            "clean": self._clean,
            "verify": self._verify,
        }
        return phases[memo.get("phase", "submit")](ctx, target, memo)

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """After a doubt nothing is submitted before a survey."""
        doubtful = {**memo, "doubt": True}
        if memo.get("phase") in {"clean", "verify"}:
            return self.advance(ctx, target, doubtful)
        return self._survey(ctx, target, doubtful)

    def renew(self, memo: Memo) -> Memo:
        """A retry is a new generation: the former custom id may be used up."""
        return {"generation": int(memo.get("generation", 0)) + 1}

    def undo(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Remove whatever carries this VNFC's name, living twins included: the name is this operation's."""
        made = ctx.op.step(f"{self.name}:{target}")
        known = made.result.get("id") or made.memo.get("id")
        survey = ctx.vim.survey_server(self.spec(ctx, target, made.memo), known)
        found = [*([survey.adopt] if survey.adopt else []), *survey.bodies, *survey.others]
        ids = [server.id for server in found]
        return remove_made(ctx, f"{self.name}:{target}", Kind.SERVER, ids, memo)

    def _submit(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Deploy; after a doubt without a start, so that a twin made meanwhile is found before two serve."""
        memo = {**memo, "cold": True} if memo.get("doubt") else memo
        try:
            outcome = ctx.vim.create_server(replace(self.spec(ctx, target, memo), start=not memo.get("cold")))
        except Permanent as exc:  # refused, and yet a body may lie there
            return _survey_next(memo, {"detail": exc.detail, "facts": dict(exc.facts)})
        return self._judge(ctx, target, memo, outcome)

    def _look(self, ctx: Context, target: str, memo: Memo) -> Progress:
        outcome = ctx.vim.poll(memo["job"])
        if isinstance(outcome, Started) and is_overdue(ctx, outcome, memo):
            detail, facts = endless(ctx, outcome, memo)
            return _survey_next(memo, {"detail": detail, "facts": facts, "endless": True})
        return self._judge(ctx, target, memo, outcome)

    def _judge(self, ctx: Context, target: str, memo: Memo, outcome: Outcome) -> Progress:
        match outcome:
            case Started():
                return watch(ctx, outcome, {**memo, "phase": "job"})
            case Failed() if outcome.interrupted:
                return _survey_next(memo, None)
            case Failed():
                error = verdict(outcome)
                return _survey_next(memo, {"detail": error.detail, "facts": dict(error.facts)})
            case Lingering(text):
                raise Permanent(text)
            case _ if memo.get("cold"):
                return Wait(_next({**memo, "id": None}, "survey"), 0)
            case finished:
                return Wait(_next(memo, "verify", id=finished.resource_id or memo.get("id")), 0)

    def _survey(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Look at everything of our name before any verdict or second try."""
        spec = self.spec(ctx, target, memo)
        survey = ctx.vim.survey_server(spec, memo.get("id"))
        memo = _note_twins(ctx, target, memo, survey)
        if survey.bodies:
            bodies = [server.id for server in survey.bodies]
            adopted = survey.adopt.id if survey.adopt else memo.get("id")
            return Wait(_next(memo, "clean", bodies=bodies, id=adopted), 0)
        server = survey.adopt
        if server is None:
            return self._nothing_there(memo)
        if memo.get("failure") and not server.in_service and server.state.lower() == "stopped":
            return Wait(_next(memo, "clean", bodies=[server.id]), 0)  # its start failed: it is a body too
        return self._adopt(ctx, target, memo, server)

    def _nothing_there(self, memo: Memo) -> Progress:
        failure = memo.get("failure")
        if failure:
            raise Permanent(failure["detail"], **failure["facts"])
        generation = int(memo.get("generation", 0)) + (1 if memo.get("id") else 0)
        return Wait(_next({**memo, "id": None}, "submit", generation=generation), 0, afresh=True)

    def _adopt(self, ctx: Context, target: str, memo: Memo, server: Server) -> Progress:
        state = server.state.lower()
        if state == "running":
            return Wait(_next(memo, "verify", id=server.id), 0)
        if state == "stopped":
            outcome = ctx.vim.start_server(server.id)
            return self._judge(ctx, target, {**memo, "id": server.id}, outcome)
        if state in {"starting", "stopping", "migrating"}:
            failure = memo.get("failure") or {}
            if failure.get("endless"):
                raise Permanent(failure["detail"], **failure["facts"])
            return settle(ctx, server, _next(memo, "survey", id=server.id, settling=memo.get("settling")))
        raise Temporary(f"server {server.id} is {server.state}", ctx.pause(4))

    def _clean(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Remove the bodies one by one, then look again."""
        bodies = [Resource(Kind.SERVER, body) for body in memo.get("bodies") or []]
        try:
            progress = remove_all(ctx, bodies, memo.get("removal") or {})
        except Permanent as exc:
            if not memo.get("failure"):
                raise
            cause = memo["failure"]  # what led here matters more, and must not be lost
            text = f"{cause['detail']}; and what it left could not be removed: {exc.detail}"
            raise Permanent(text, **cause["facts"]) from exc
        if isinstance(progress, Wait):
            after = {**memo, "removal": progress.memo}
            if (
                progress.memo.get("phase") == "linger"
            ):  # the VIM purges it by and by; its NICs do not matter here
                return Wait(_after_cleaning(memo), 0)
            return Wait(after, progress.delay, watching=progress.watching, job=progress.job)
        return Wait(_after_cleaning(memo), 0)

    def _verify(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Read back: is it there, running, and are its NICs in the order of the VNFD's CPs?"""
        if memo.get("doubt"):
            return self._look_for_twins(ctx, target, memo)
        server = ctx.vim.read_server(memo["id"])
        if server is None:
            raise Temporary(f"server {memo['id']} is not to be seen", ctx.pause(2))
        wanted = [nic.network_id for nic in self.spec(ctx, target, memo).nics]
        found = [nic.network_id for nic in server.nics]
        if found != wanted:
            raise Permanent(f"server {server.id} has its NICs on {found}, the VNFD wants {wanted}")
        if _is_in_the_way(ctx, target, memo, server):
            again = int(memo.get("rivals", 0)) + 1
            return Wait(_next(memo, "clean", bodies=[server.id], rivals=again), 0)
        return Done(
            {
                "id": server.id,
                "name": server.name,
                "flavourId": server.flavour_id,
                "imageId": server.image_id,
                "rootVolumeId": server.root_volume_id,
                "twins": memo.get("twins") or [],
                "nics": [
                    {
                        "id": nic.id,
                        "networkId": nic.network_id,
                        "networkName": nic.network_name,
                        "macAddress": nic.mac_address,
                        "address": nic.address,
                    }
                    for nic in server.nics
                ],
            }
        )

    def _look_for_twins(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A call that two workers made may have left a second body; now that one serves, the rest must go."""
        survey = ctx.vim.survey_server(self.spec(ctx, target, memo), memo["id"])
        memo = _note_twins(ctx, target, memo, survey)
        bodies = [body.id for body in survey.bodies]
        if bodies:
            return Wait(_next(memo, "clean", bodies=bodies), 0)
        return Wait(_next({**memo, "doubt": None}, "verify"), 0)


def _note_twins(ctx: Context, target: str, memo: Memo, survey: Survey) -> Memo:
    """Living twins are nobody's to remove here: the occurrence's warnings and the log tell of them."""
    twins = [server.id for server in survey.others]
    if twins and twins != memo.get("twins"):
        facts = {"operationId": ctx.op.id, "vnfInstanceId": ctx.op.vnf_instance_id, "vnfc": target}
        log.warning("a VNFC has living twins in the VIM: %s", ", ".join(twins), extra=facts)
    return {**memo, "twins": twins or None}


def _survey_next(memo: Memo, failure: Mapping[str, Any] | None) -> Wait:
    return Wait(_next(memo, "survey", failure=failure), 0)


_KNOWN = ("generation", "id", "failure", "doubt", "twins", "rivals")


def _next(memo: Memo, phase: str, **changes: Any) -> Memo:
    """The memo of the next phase: what is known lives on, job and removal do not."""
    kept = {key: memo[key] for key in _KNOWN if memo.get(key) is not None}
    return {**kept, **{key: value for key, value in changes.items() if value is not None}, "phase": phase}


def _after_cleaning(memo: Memo) -> Memo:
    """A removed body has used up its custom id: the next try is a new generation."""
    generation = int(memo.get("generation", 0)) + 1
    if memo.get("id") in (memo.get("bodies") or []):
        memo = {key: value for key, value in memo.items() if key != "id"}
    return _next(memo, "survey", generation=generation)


def _is_in_the_way(ctx: Context, target: str, memo: Memo, server: Server) -> bool:
    """Whether the VIM, which gives addresses by chance, has given it one that a virtual IP of this VNF is to
    have. Then it goes before it serves, if that frees the address at once, and is made again."""
    wanted = reservations.wanted(ctx)
    frees = wanted and ctx.result("check_vim").get("may_expunge")
    if not frees or int(memo.get("rivals", 0)) >= MOST_RIVALS:
        return False
    plugged = zip(ctx.deployment.vnfc(target).plugged, server.nics, strict=True)
    return any((cp.network, nic.address) in wanted for cp, nic in plugged if cp.address is None)


def _spec(ctx: Context, target: str, memo: Memo) -> ServerSpec:
    vnfc = ctx.deployment.vnfc(target)
    parameters = ctx.op.params.get("additionalParams") or {}
    return ServerSpec(
        name=vnfc.name,
        display_name=f"{ctx.instance.name or 'VNF'} {target}",
        custom_id=vnfc.custom_id(int(memo.get("generation", 0))),
        compute=chosen_compute(ctx, vnfc.vdu.id),
        nics=_nics(ctx, vnfc),
        root_disk=ctx.deployment.flavour.root_disk(vnfc.vdu),
        user_data=vnfc.vdu.user_data,
        ssh_key_pair=parameters.get("sshKeyPair"),
        group_ids=[
            group.existing or ctx.result(f"create_group:{group.key}")["id"]
            for group in ctx.deployment.groups
            if target in group.members
        ],
        security_group_ids=groups_of(ctx, vnfc.vdu.id),
    )


def _nics(ctx: Context, vnfc: VnfcInstance) -> list[NicSpec]:
    return [NicSpec(cp.id, network_of(ctx, cp), cp.address, cp.mac_address) for cp in vnfc.plugged]


def network_of(ctx: Context, cp: CpInstance) -> str:
    """The VIM network a CP is on."""
    kind, link = cp.network
    if kind == "external":
        return external_networks(ctx)[link]
    managed = ctx.deployment.link(link).managed
    network: str = managed["resourceId"] if managed else ctx.result(f"create_network:{link}")["id"]
    return network
