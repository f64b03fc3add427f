"""Keys a VNFD declares by data types: extensions, metadata, configurable properties, additionalParams.

``required`` is true only where it is written, as everywhere in this reader (see ``typetree.is_required``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vnfm.domain.vnfd import Attribute
from vnfm.vnfd.node import Node
from vnfm.vnfd.typetree import TypeTree, is_required

_BASE = "tosca.datatypes.nfv.VnfConfigurableProperties"
#: Configurable properties of the standard, to their SOL003 spelling and type; all others keep the vendor's.
_STANDARD = {
    "is_autoscale_enabled": ("isAutoscaleEnabled", "boolean"),
    "is_autoheal_enabled": ("isAutohealEnabled", "boolean"),
    "vnfm_interface_info": ("vnfmInterfaceInfo", "tosca.datatypes.nfv.VnfmInterfaceInfo"),
    "vnfm_oauth_server_info": ("vnfmOauthServerInfo", "tosca.datatypes.nfv.OauthServerInfo"),
    "vnf_oauth_server_info": ("vnfOauthServerInfo", "tosca.datatypes.nfv.OauthServerInfo"),
}
#: The vendor's own ones lie one level down in the VNFD, and beside the others in SOL003.
_ADDITIONAL = ("additional_configurable_properties", "additional_configurable_property")
_WRITABLE = "is_writable_anytime"


def read(definition: Node | None, types: TypeTree) -> tuple[Attribute, ...]:
    """The parts of a property's data type; none if the property or its type is not the package's own."""
    return tuple(_attribute(name, part, types) for name, part in types.members(definition).items())


def _attribute(name: str, definition: Node, types: TypeTree, writable_anytime: bool = True) -> Attribute:
    default = types.default(definition)
    return Attribute(
        name=name,
        type=definition.optional_text("type") or "string",
        required=is_required(definition),
        default=default.plain() if default is not None else None,
        writable_anytime=writable_anytime,
    )


def read_configurable(definition: Node | None, initial: Node, types: TypeTree) -> tuple[Attribute, ...]:
    """The configurable properties.

    One of the standard counts only if the vendor's type declares it anew or it has an initial value: every
    VNFD inherits them all as optional, so merely to inherit one does not say that the VNF knows it.
    """
    declared = types.members(definition)
    inherited = types.property_definitions("data_types", _BASE, initial)
    found: list[Attribute] = []
    for key, part in declared.items():
        if key in _ADDITIONAL:
            found += _additional(part, initial.get(key, _WRITABLE), types)
        elif key not in _STANDARD or part is not inherited.get(key) or initial.get(key) is not None:
            found.append(_attribute(_STANDARD.get(key, (key, ""))[0], part, types))
    for key, (name, kind) in _STANDARD.items():
        if key not in declared and initial.get(key) is not None:
            found.append(Attribute(name, kind))
    return tuple(found)


def _additional(definition: Node, stated: Node | None, types: TypeTree) -> Iterator[Attribute]:
    parts = types.members(definition)
    flag = stated or (types.default(parts[_WRITABLE]) if _WRITABLE in parts else None)
    anytime = flag is None or flag.plain() is not False
    for name, part in parts.items():
        if name != _WRITABLE:
            yield _attribute(name, part, types, anytime)


def values(stated: Node | None) -> dict[str, Any]:
    """Initial values as plain data."""
    return {key: node.plain() for key, node in stated.mapping().items()} if stated is not None else {}


def configurable_values(stated: Node) -> dict[str, Any]:
    """Initial values with the additional ones beside the standard ones, as VnfInstance shows them."""
    found: dict[str, Any] = {}
    for key, node in stated.mapping().items():
        if key in _ADDITIONAL:
            found.update({name: value for name, value in values(node).items() if name != _WRITABLE})
        else:
            found[_STANDARD.get(key, (key, ""))[0]] = node.plain()
    return found
