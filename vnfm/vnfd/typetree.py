"""TOSCA types: the built-in table of standard ones and those a package defines.

Only what the reader asks about is built in: which standard type another derives from. Property definitions
are taken from the package; the meaning of the standard properties is in the modules that read them.
"""

from __future__ import annotations

from vnfm.vnfd import limits
from vnfm.vnfd.node import Node

KINDS = (
    "node_types",
    "data_types",
    "policy_types",
    "group_types",
    "artifact_types",
    "capability_types",
    "interface_types",
)

VNF = "tosca.nodes.nfv.VNF"
COMPUTE = "tosca.nodes.nfv.Vdu.Compute"
BLOCK_STORAGE = "tosca.nodes.nfv.Vdu.VirtualBlockStorage"
VDU_CP = "tosca.nodes.nfv.VduCp"
SUB_CP = "tosca.nodes.nfv.VduSubCp"
EXT_CP = "tosca.nodes.nfv.VnfExtCp"
VIP_CP = "tosca.nodes.nfv.VipCp"
VIRTUAL_LINK = "tosca.nodes.nfv.VnfVirtualLink"
PLACEMENT_GROUP = "tosca.groups.nfv.PlacementGroup"
SW_IMAGE = "tosca.artifacts.nfv.SwImage"
VNFLCM = "tosca.interfaces.nfv.Vnflcm"
VNF_INDICATOR = "tosca.interfaces.nfv.VnfIndicator"

_POLICIES = (
    "InstantiationLevels",
    "VduInstantiationLevels",
    "VirtualLinkInstantiationLevels",
    "ScalingAspects",
    "VduScalingAspectDeltas",
    "VirtualLinkBitrateScalingAspectDeltas",
    "VduInitialDelta",
    "VirtualLinkBitrateInitialDelta",
    "AffinityRule",
    "AntiAffinityRule",
    "Abstract.SecurityGroupRule",
    "SupportedVnfInterface",
    "VnfIndicator",
    "VnfPackageChange",
    "LcmCoordinationAction",
    "LcmCoordinationsForLcmOperation",
)

#: Standard type to its parent; None ends a chain.
STANDARD: dict[str, dict[str, str | None]] = {
    "node_types": {
        VNF: None,
        COMPUTE: None,
        BLOCK_STORAGE: None,
        VIRTUAL_LINK: None,
        "tosca.nodes.nfv.Cp": None,
        VDU_CP: "tosca.nodes.nfv.Cp",
        EXT_CP: "tosca.nodes.nfv.Cp",
        VIP_CP: "tosca.nodes.nfv.Cp",
        "tosca.nodes.nfv.VirtualCp": "tosca.nodes.nfv.Cp",
        SUB_CP: VDU_CP,
        "tosca.nodes.nfv.Vdu.VirtualObjectStorage": None,
        "tosca.nodes.nfv.Vdu.VirtualFileStorage": None,
        "tosca.nodes.nfv.Vdu.OsContainer": None,
        "tosca.nodes.nfv.Vdu.OsContainerDeployableUnit": None,
        "tosca.nodes.nfv.Mciop": None,
    },
    "policy_types": {
        **{f"tosca.policies.nfv.{name}": None for name in _POLICIES},
        "tosca.policies.nfv.SecurityGroupRule": "tosca.policies.nfv.Abstract.SecurityGroupRule",
    },
    "group_types": {PLACEMENT_GROUP: None},
    "artifact_types": {
        SW_IMAGE: None,
        "tosca.artifacts.Implementation.nfv.Mistral": None,
        "tosca.artifacts.nfv.HelmChart": None,
    },
    "interface_types": {
        VNFLCM: None,
        VNF_INDICATOR: None,
        "tosca.interfaces.nfv.ChangeCurrentVnfPackage": None,
    },
}


class TypeTree:
    """Every type known to one VNFD."""

    def __init__(self) -> None:
        self._defined: dict[str, dict[str, Node]] = {kind: {} for kind in KINDS}
        self._chains: dict[tuple[str, str], list[str]] = {}
        self._defaults: dict[str, Node | None] = {}

    def add(self, template: Node) -> None:
        """Take over the type definitions of one file."""
        for kind in KINDS:
            for name, definition in (template.get(kind) or _EMPTY).mapping().items():
                known = self._defined[kind].get(name)
                if known is not None and known is not definition:
                    raise definition.fail(
                        "type-defined-twice", f"'{name}' is also defined in {known.file}:{known.line}"
                    )
                self._defined[kind][name] = definition

    def chain(self, kind: str, name: str, at: Node) -> list[str]:
        """The type and its ancestors, nearest first."""
        known = self._chains.get((kind, name))
        if known is None:
            known = self._chains[(kind, name)] = self._climb(kind, name, at)
        return known

    def _climb(self, kind: str, name: str, at: Node) -> list[str]:
        found: list[str] = []
        current: str | None = self._local(kind, name)
        while current is not None and current not in ("tosca.nodes.Root", "tosca.datatypes.Root"):
            if current in found or len(found) >= limits.MAX_DERIVATION:
                path = " -> ".join([*found, current])
                raise at.fail("cyclic-derivation", f"the type derives from itself or too deeply: {path}")
            found.append(current)
            current = self._parent(kind, current, at)
        return found

    def _local(self, kind: str, name: str) -> str:
        """Types are kept without namespace prefix: within one VNFD their names are unique anyway."""
        if name in self._defined[kind] or ":" not in name:
            return name
        return name.rpartition(":")[2]

    def _parent(self, kind: str, name: str, at: Node) -> str | None:
        standard = STANDARD.get(kind, {})
        if name in standard:
            return standard[name]
        definition = self._defined[kind].get(name)
        if definition is not None:
            parent = definition.get("derived_from")
            return self._local(kind, parent.text()) if parent is not None else None
        if name.startswith("tosca.") and (".nfv." not in name or kind == "data_types"):
            return None
        raise at.fail("unknown-type", f"the {kind[:-1].replace('_', ' ')} '{name}' is not defined")

    def derives(self, kind: str, name: str, base: str, at: Node) -> bool:
        """True if ``name`` is ``base`` or descends from it."""
        return base in self.chain(kind, name, at)

    def is_known(self, kind: str, name: str) -> bool:
        """True if the package defines the type or it is built in."""
        local = self._local(kind, name)
        return local in self._defined[kind] or local in STANDARD.get(kind, {})

    def definitions(self, kind: str, name: str, at: Node) -> list[Node]:
        """What the package says of the type and its ancestors, the most general first."""
        known = self._defined[kind]
        return [known[ancestor] for ancestor in reversed(self.chain(kind, name, at)) if ancestor in known]

    def property_definitions(self, kind: str, name: str, at: Node) -> dict[str, Node]:
        """Definitions by property name, a descendant's winning over its ancestor's."""
        merged: dict[str, Node] = {}
        for definition in self.definitions(kind, name, at):
            merged.update((definition.get("properties") or _EMPTY).mapping())
        return merged

    def members(self, definition: Node | None) -> dict[str, Node]:
        """Definitions of the parts of a property whose data type the package defines, else none."""
        kind = definition.get("type") if definition is not None and definition.is_mapping else None
        if kind is None or not self.is_known("data_types", kind.text()):
            return {}
        return self.property_definitions("data_types", kind.text(), kind)

    def properties(self, kind: str, name: str, given: Node | None, at: Node) -> dict[str, Node]:
        """The values given, completed by the defaults of the type."""
        values = dict((given or _EMPTY).mapping())
        for key, definition in self.property_definitions(kind, name, at).items():
            if key in values and not values[key].is_null:
                continue
            default = self.default(definition)
            if default is not None:
                values[key] = default
            elif is_required(definition):
                raise at.fail("required-property", f"the property '{key}' of {name} has no value")
        return values

    def default(self, definition: Node, depth: int = 0) -> Node | None:
        """What a property is when nobody says: its default, only valid value, or data type's defaults."""
        stated = definition.get("default")
        if stated is not None:
            return stated
        for constraint in (definition.get("constraints") or _EMPTY_LIST).items():
            only = constraint.get("equal") or _single(constraint.get("valid_values"))
            if only is not None:
                return only
        return self._data_default(definition, depth)

    def _data_default(self, definition: Node, depth: int) -> Node | None:
        kind = definition.get("type") if definition.is_mapping else None
        name = self._local("data_types", kind.text()) if kind is not None else ""
        if name not in self._defined["data_types"]:
            return None
        if depth > limits.MAX_DATA_TYPES:
            raise definition.fail("data-type-too-deep", "data types contain each other too deeply")
        if name not in self._defaults:
            self._defaults[name] = None  # what a type that contains itself finds inside itself
            self._defaults[name] = self._assembled(name, definition, depth)
        return self._defaults[name]

    def _assembled(self, name: str, at: Node, depth: int) -> Node | None:
        """The defaults of a data type's properties as one value, None if there are none."""
        parts = {}
        for key, inner in self.property_definitions("data_types", name, at).items():
            value = self.default(inner, depth + 1)
            if value is not None:
                parts[key] = value
        weight = 1 + sum(part.weight for part in parts.values())
        if weight > limits.MAX_NODES:
            raise at.fail("data-type-too-deep", "the defaults of this data type are too many")
        return Node(at.file, at.line, at.path, parts, "", weight) if parts else None


def is_required(definition: Node) -> bool:
    """Only where written: TOSCA's silent default of true is not what packages in the field rely on."""
    required = definition.get("required") if definition.is_mapping else None
    return required is not None and required.flag()


def _single(values: Node | None) -> Node | None:
    return values.items()[0] if values is not None and len(values.items()) == 1 else None


_EMPTY = Node("", 0, "", {})
_EMPTY_LIST = Node("", 0, "", [])
