"""Security groups of a VDU's servers, where zone and networks have them.

create ──► rules ──► done
            ▲ │
            └─job   one rule after the other, each only after a look at what the group has
"""

from __future__ import annotations

from typing import ClassVar

from vnfm.domain import securitygroup, standing
from vnfm.domain.securitygroup import SecurityGroup
from vnfm.engine.step import Done, Memo, Progress, Wait
from vnfm.errors import Permanent
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import external_networks
from vnfm.lcm.steps.jobs import verdict, watch
from vnfm.lcm.steps.making import Making
from vnfm.vim.port import Failed, Kind, Lingering, Outcome, Started, Trace


class CreateSecurityGroup(Making):
    """Make the security group of a VDU. Target: the VDU. Result without an id: its servers can have none, and
    ``why``."""

    name: ClassVar[str] = "create_security_group"

    def advance(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """Create it, then permit one rule after the other."""
        if memo.get("phase") == "job":
            return self._judge(ctx, target, memo, ctx.vim.poll(memo["job"]))
        if memo.get("phase") == "rules":
            return self._permit(ctx, target, memo)
        why = _obstacle(ctx, target)
        if why is not None:
            return Done({"why": why})
        group = _group(ctx, target)
        try:
            description = f"{ctx.instance.name or 'VNF'} {target}"
            return self._judge(ctx, target, memo, ctx.vim.create_security_group(group.name, description))
        except Permanent:  # refused for its name, if a call in doubt came after our look
            found = self.find(ctx, target)
            if found:
                return Wait({"phase": "rules", "id": found[0]}, 0)
            raise

    def probe(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """A second creation would be refused for its name: find it. Rules are looked for anyway."""
        if memo.get("id"):
            return self._permit(ctx, target, memo)
        found = self.find(ctx, target)
        return Wait({"phase": "rules", "id": found[0]}, 0) if found else Wait({}, 0, afresh=True)

    def trace(self, ctx: Context, target: str) -> Trace:
        """The VDU's group; its rules go with it."""
        return Trace(Kind.SECURITY_GROUP, _group(ctx, target).name)

    def _permit(self, ctx: Context, target: str, memo: Memo) -> Progress:
        """The next rule that the group lacks. What has failed and is there all the same was made by a call in
        doubt."""
        rules = _group(ctx, target).rules
        missing = ctx.vim.find_missing(memo["id"], rules)
        if not missing:
            return Done({"id": memo["id"]})
        rule = rules.index(missing[0])
        failure = memo.get("failure")
        if failure and failure["rule"] == rule:
            raise Permanent(failure["detail"], **failure["facts"])
        outcome = ctx.vim.permit(memo["id"], missing[0])
        return self._judge(ctx, target, {"id": memo["id"], "rule": rule}, outcome)

    def _judge(self, ctx: Context, target: str, memo: Memo, outcome: Outcome) -> Progress:
        match outcome:
            case Started():
                return watch(ctx, outcome, {**memo, "phase": "job"})
            case Lingering(text):
                raise Permanent(f"the VIM holds it back: {text}")
            case Failed() if memo.get("id") and not outcome.interrupted:
                error = verdict(outcome)
                failure = {"rule": memo.get("rule"), "detail": error.detail, "facts": dict(error.facts)}
                return Wait({"phase": "rules", "id": memo["id"], "failure": failure}, 0)
            case Failed():
                raise verdict(outcome)
            case finished:
                return Wait({"phase": "rules", "id": memo.get("id") or finished.resource_id}, 0)


def groups_of(ctx: Context, vdu: str) -> list[str]:
    """VIM ids of the security groups that a server of the VDU is to have."""
    known = dict(standing.security_groups(ctx.instance))
    made = [entry for entry in ctx.op.steps if entry.name == "create_security_group"]
    known |= {entry.target: entry.result["id"] for entry in made if entry.result.get("id")}
    return [known[vdu]] if vdu in known else []


def _group(ctx: Context, vdu: str) -> SecurityGroup:
    groups = securitygroup.lay_out(ctx.op.id, ctx.deployment.flavour, ctx.hint)
    return next(group for group in groups if group.vdu == vdu)


def _obstacle(ctx: Context, vdu: str) -> str | None:
    """Why the VDU's servers can have no group: a server has one in all its networks, or in none."""
    used = {cp.network for vnfc in ctx.deployment.vnfcs if vnfc.vdu.id == vdu for cp in vnfc.plugged}
    links = {link.key: link for link in ctx.deployment.links}
    own = sorted(key for kind, key in used if kind == "internal" and links[key].managed is None)
    outer = external_networks(ctx)
    given = {outer[key] for kind, key in used if kind == "external"}
    given |= {str(m["resourceId"]) for kind, key in used if kind == "internal" and (m := links[key].managed)}
    why = ctx.vim.why_unguarded(sorted(given))
    if why is None and own:
        return f"the network of '{own[0]}', which this VNFM makes, has no security groups"
    return why
