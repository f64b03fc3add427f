"""vimAssets of grants (SOL003 9.5.3.10): what they stand for, and how long they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.domain import reshaping
from vnfm.domain.operation import OperationType
from vnfm.domain.vnfd import Flavour
from vnfm.lcm.context import Context

Assets = Mapping[str, list[Mapping[str, Any]]]

FLAVOURS, IMAGES = "computeResourceFlavours", "softwareImages"
#: By list of vimAssets: what names the VNFD's component, and what the VIM's resource.
_KEYS: Mapping[str, tuple[str, str]] = {
    FLAVOURS: ("vnfdVirtualComputeDescId", "vimFlavourId"),
    IMAGES: ("vnfdSoftwareImageId", "vimSoftwareImageId"),
}
_RESHAPING = frozenset({OperationType.CHANGE_FLAVOUR, OperationType.CHANGE_VNFPKG})


def by_id(assets: Assets, name: str) -> dict[str, str]:
    """The VIM's ids by those of the VNFD, of one list."""
    known, vim = _KEYS[name]
    return {item[known]: item[vim] for item in assets.get(name) or []}


def in_force(ctx: Context, flavour: Flavour) -> Assets:
    """Those for what this operation makes or changes: the grant's, and what holds of earlier ones."""
    kept = _holding(ctx, flavour) if ctx.op.type in _RESHAPING else ctx.instance.vim_assets
    granted: Assets = ctx.grant.get("vimAssets") or {}
    return {name: _merged(name, kept, granted) for name in _KEYS}


def former(ctx: Context) -> Assets:
    """Those that held before this operation, under the names that it goes by."""
    assets, renaming = ctx.stored.vim_assets, ctx.renaming
    return {
        name: [
            *(assets.get(name) or []),
            *({**item, key: renaming.of("vdu", item[key])} for item in assets.get(name) or []),
        ]
        for name, (key, _) in _KEYS.items()
    }


def lasting(ctx: Context, flavour: Flavour) -> Mapping[str, Any]:
    """What the instance keeps for later operations."""
    return {name: items for name, items in in_force(ctx, flavour).items() if items}


def _holding(ctx: Context, flavour: Flavour) -> Assets:
    """Flavours of VDUs that have the same size as before, images of VDUs that run the same software."""
    before, known = ctx.former_flavour, former(ctx)
    flavours = {item[_KEYS[FLAVOURS][0]]: item for item in known[FLAVOURS]}
    images = {item[_KEYS[IMAGES][0]]: item for item in known[IMAGES]}
    found: dict[str, list[Mapping[str, Any]]] = {FLAVOURS: [], IMAGES: []}
    for vdu in sorted(flavour.vdus.keys() & before.vdus.keys()):
        if reshaping.has_same_size(before, flavour, vdu) and vdu in flavours:
            found[FLAVOURS].append({**flavours[vdu], _KEYS[FLAVOURS][0]: vdu})
        was, now = before.boot_image(vdu), flavour.boot_image(vdu)
        item = images.get(was.id) or images.get(vdu) if was else None
        if now and item and not reshaping.has_other_image(before, flavour, vdu):
            found[IMAGES].append({**item, _KEYS[IMAGES][0]: now.id})
    return found


def _merged(name: str, kept: Assets, granted: Assets) -> list[Mapping[str, Any]]:
    key, _ = _KEYS[name]
    return list({item[key]: item for item in [*(kept.get(name) or []), *(granted.get(name) or [])]}.values())
