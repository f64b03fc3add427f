"""What an operation other than MODIFY_INFO adds to the instance's own attributes: VIM connections that
request or grant bring, extensions and configurable properties of the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import patch
from vnfm.domain.operation import OperationType, StepState
from vnfm.domain.vnfd import Vnfd
from vnfm.lcm import access
from vnfm.lcm.change_package import package_facts
from vnfm.lcm.context import Context
from vnfm.lcm.modify import FIELDS

#: Requests of these have extensions and vnfConfigurableProperties.
_MODIFYING = frozenset({OperationType.INSTANTIATE, OperationType.CHANGE_FLAVOUR, OperationType.CHANGE_VNFPKG})
#: Fields of ``Instance`` that a VNFD declares the contents of.
_DECLARED = ("extensions", "metadata", "vnf_configurable_properties")
#: Attribute of ModificationsTriggeredByVnfPkgChange → field of ``Instance``.
_TOLD: Mapping[str, str] = {
    "vnfConfigurableProperties": "vnf_configurable_properties",
    "metadata": "metadata",
    "extensions": "extensions",
    "vnfdId": "vnfd_id",
    "vnfProvider": "vnf_provider",
    "vnfProductName": "vnf_product_name",
    "vnfSoftwareVersion": "vnf_software_version",
    "vnfdVersion": "vnfd_version",
}


def fields(ctx: Context) -> dict[str, Any]:
    """Fields of ``Instance`` as the operation leaves them: those it has nothing to say of are not there."""
    after: dict[str, Any] = {}
    if _brings_connections(ctx):
        after["vim_connection_info"] = ctx.connection_info()
    if ctx.op.type in _MODIFYING:
        known = _carried(ctx)
        for name in ("extensions", "vnfConfigurableProperties"):
            known[FIELDS[name]] = patch.apply(known[FIELDS[name]], ctx.op.params.get(name) or {})
        if known["metadata"] == ctx.stored.metadata:
            del known["metadata"]
        after |= known
    return after


def _carried(ctx: Context) -> dict[str, Any]:
    """Extensions, metadata and configurable properties as they are. Into another package go those that its
    VNFD declares, or that the former one did not declare either; what is new in it gets its initial value."""
    found = {field: dict(getattr(ctx.instance, field)) for field in _DECLARED}
    if ctx.op.type is not OperationType.CHANGE_VNFPKG or ctx.stored.vnfd_id == ctx.vnfd.id:
        return found
    old, new = _declared(ctx.source_vnfd), _declared(ctx.vnfd)
    return {
        field: {
            **new[field][0],
            **{k: v for k, v in values.items() if k in new[field][1] or k not in old[field][1]},
        }
        for field, values in found.items()
    }


def _declared(vnfd: Vnfd) -> Mapping[str, tuple[Mapping[str, Any], set[str]]]:
    """By field of ``Instance`` the initial values that a VNFD gives, and all names it knows."""
    parts = {
        "extensions": (vnfd.extensions, vnfd.extension_attributes),
        "metadata": (vnfd.metadata, vnfd.metadata_attributes),
        "vnf_configurable_properties": (vnfd.configurable_properties, vnfd.configurable_attributes),
    }
    return {
        field: (initial, {*initial, *(one.name for one in declared)})
        for field, (initial, declared) in parts.items()
    }


def package_modifications(ctx: Context) -> Mapping[str, Any]:
    """modificationsTriggeredByVnfPkgChange (SOL003 5.5.2.13) that the operation will come to: what of the
    instance's attributes will be other than before. Asked before anything is written."""
    if ctx.op.type is not OperationType.CHANGE_VNFPKG:
        return {}
    after = {**fields(ctx), **package_facts(ctx.vnfd)}
    found = {}
    for name, field in _TOLD.items():
        before = getattr(ctx.stored, field)
        value = after.get(field, before)
        if value != before:
            found[name] = patch.difference(before, value) if isinstance(value, Mapping) else value
    return found


def changed_info(ctx: Context) -> Mapping[str, Any]:
    """changedInfo (SOL003 5.5.2.12a) that the operation will come to; asked before anything is written.

    Not for CHANGE_VNFPKG, which tells in modificationsTriggeredByVnfPkgChange. A VIM connection is told as a
    whole, also if only its accessInfo, which is never told, is another one.
    """
    if ctx.op.type is OperationType.CHANGE_VNFPKG:
        return {}
    after = fields(ctx)
    changed: dict[str, Any] = {}
    for name in ("extensions", "vnfConfigurableProperties"):
        if FIELDS[name] in after:
            difference = patch.difference(getattr(ctx.instance, FIELDS[name]), after[FIELDS[name]])
            changed |= {name: difference} if difference else {}
    known = ctx.instance.vim_connection_info
    told = {
        one: info
        for one, info in (after.get("vim_connection_info") or {}).items()
        if info != known.get(one) or (ctx.access_info(one) or {}) != access.stored(ctx, one)
    }
    return {**changed, **({"vimConnectionInfo": told} if told else {})}


def told(ctx: Context) -> Mapping[str, Any]:
    """changedInfo of what is written by now: nothing before the last step is done, or once it is undone."""
    last = ctx.op.steps[-1]
    undone = {entry.key for entry in ctx.op.undo if entry.state is StepState.DONE}
    if last.state is not StepState.DONE or last.key in undone:
        return {}
    return _planned(ctx)


def told_of_given_up(ctx: Context) -> Mapping[str, Any]:
    """changedInfo of an operation that is given up: the VIM connections stay with the instance."""
    return {name: value for name, value in _planned(ctx).items() if name == "vimConnectionInfo"}


def _planned(ctx: Context) -> Mapping[str, Any]:
    checked = (entry.result for entry in ctx.op.steps if entry.name == "check_plan")
    return next((result.get("changedInfo") or {} for result in checked), {})


def _brings_connections(ctx: Context) -> bool:
    return bool(ctx.grant.get("vimConnectionInfo") or ctx.op.params.get("vimConnectionInfo"))
