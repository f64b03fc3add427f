"""Whether a request gives the VNF's own attributes as its VNFD declares them: names, types, when (SOL001).

``extensions``, ``vnfConfigurableProperties`` and ``additionalParams`` of a VNFD that declares none are the
client's business, as ``metadata`` always is. Types that a package defines itself are not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from vnfm.domain.outside import DeploymentError
from vnfm.domain.vnfd import Attribute, Flavour, Vnfd

#: Configurable properties that SOL003 itself names; any VNFD has them.
_STANDARD = (
    Attribute("isAutoscaleEnabled", "boolean"),
    Attribute("isAutohealEnabled", "boolean"),
    Attribute("vnfmInterfaceInfo", "map"),
    Attribute("vnfmOauthServerInfo", "map"),
    Attribute("vnfOauthServerInfo", "map"),
)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


#: TOSCA type → whether a JSON value is one.
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": _is_text,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "timestamp": _is_text,
    "version": lambda value: _is_text(value) or _is_number(value),
    "list": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, Mapping),
    "range": lambda value: isinstance(value, list) and len(value) == 2,
    "scalar-unit.size": _is_text,
    "scalar-unit.time": _is_text,
    "scalar-unit.frequency": _is_text,
    "scalar-unit.bitrate": _is_text,
}


def check(vnfd: Vnfd, body: Mapping[str, Any], *, instantiated: bool) -> None:
    """DeploymentError names the first extension, configurable property or metadata that does not fit.

    A value of null removes it (RFC 7396), which a required one does not bear.
    """
    known = {one.name: one for one in (*_STANDARD, *vnfd.configurable_attributes)}
    configurable = known if vnfd.configurable_attributes else None
    extensions = {one.name: one for one in vnfd.extension_attributes} or None
    _check_section("extensions", body, extensions or {}, extensions, instantiated)
    _check_section("vnfConfigurableProperties", body, known, configurable, instantiated)
    _check_section("metadata", body, {one.name: one for one in vnfd.metadata_attributes}, None, instantiated)


def _check_section(
    section: str,
    body: Mapping[str, Any],
    typed: Mapping[str, Attribute],
    only: Collection[str] | None,
    instantiated: bool,
) -> None:
    """``typed`` are the attributes whose types are known, ``only`` those that may be given; None: any."""
    for name, value in (body.get(section) or {}).items():
        if only is not None and name not in only:
            known = ", ".join(sorted(only))
            raise DeploymentError(f"{section}.{name}: the VNFD declares no such attribute; it has: {known}")
        attribute = typed.get(name)
        if attribute is None:
            continue
        if instantiated and not attribute.writable_anytime:
            raise DeploymentError(f"{section}.{name}: it can only be set before the VNF is instantiated")
        _check_value(f"{section}.{name}", attribute, value)


def check_parameters(flavour: Flavour, operation: str, body: Mapping[str, Any]) -> None:
    """DeploymentError names a declared additionalParam of the operation that is missing or of another type;
    ours, and others that nobody declares, pass."""
    given = body.get("additionalParams") or {}
    for attribute in flavour.operations.parameters_of(operation):
        where = f"additionalParams.{attribute.name}"
        if given.get(attribute.name) is not None:
            _check_value(where, attribute, given[attribute.name])
        elif attribute.required and attribute.default is None:
            raise DeploymentError(f"{where}: the VNFD requires it ({attribute.type})")


def missing_extensions(vnfd: Vnfd, current: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    """Required extensions that would have no value, neither the instance's nor the request's."""
    after = {**current, **(body.get("extensions") or {})}
    return [
        one.name
        for one in vnfd.extension_attributes
        if one.required and one.default is None and after.get(one.name) is None
    ]


def _check_value(where: str, attribute: Attribute, value: Any) -> None:
    if value is None:
        if attribute.required:
            raise DeploymentError(f"{where}: the VNFD requires it; it cannot be removed")
        return
    fits = _TYPES.get(attribute.type)
    if fits is not None and not fits(value):
        raise DeploymentError(f"{where}: {value!r} is no {attribute.type}, which the VNFD declares")
