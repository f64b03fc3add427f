"""Which connection points the outside sees, and under which cpdId (SOL001 6.8.9).

A connection point is external when its virtual_link is left open (its own id is then the cpdId), or when a
VnfExtCp exposes it or the internal link it sits on (its id is then the cpdId). An internal link so exposed
is not built: the external network takes its place, for CloudStack cannot bridge the two.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from vnfm.vnfd.node import Node
from vnfm.vnfd.topology import Template, Topology
from vnfm.vnfd.typetree import EXT_CP, VDU_CP, VIP_CP


class Exposure:
    """The outside of one topology. Ask for every connection point, then :meth:`check_used`."""

    def __init__(self, topology: Topology, links: Collection[str]) -> None:
        outer = topology.of_type(EXT_CP)
        points = {template.name for kind in (VDU_CP, VIP_CP) for template in topology.of_type(kind)}
        self._mapped = dict(_mapped(topology))
        self._exposed = _exposed(outer, {*links, *points})
        self._used: set[str] = set()
        self.replaced_links = frozenset(name for name in self._exposed if name in links)
        for name, at in self._mapped.items():
            if name not in points and name not in {template.name for template in outer}:
                raise at.fail(
                    "unknown-node",
                    f"substitution_mappings name '{name}', which is no connection point here",
                )

    def cpd_of(self, name: str, link: str | None) -> str | None:
        """The cpdId under which the outside knows a connection point, None if it is internal."""
        _, external = self._exposed.get(name) or self._exposed.get(link or "") or (None, None)
        self._used.update({name, link or ""})
        if link is None or external is not None:
            return external or name
        if name in self._mapped:
            raise self._mapped[name].fail(
                "linked-twice",
                f"'{name}' is exposed and on the internal link '{link}' at once; use a VnfExtCp",
            )
        return None

    def check_used(self) -> None:
        """Refuse to expose what nobody asked about."""
        for name, (at, _) in self._exposed.items():
            if name not in self._used:
                raise at.fail("unused-exposure", f"nothing is connected to '{name}', so it cannot be exposed")


def _exposed(outer: list[Template], known: Collection[str]) -> dict[str, tuple[Node, str]]:
    """What VnfExtCps expose, a connection point or a link, to the place saying so and the cpdId."""
    exposed: dict[str, tuple[Node, str]] = {}
    for template in outer:
        inner = [
            item for item in template.requirements if item.name == "internal_virtual_link" and item.target
        ]
        if not inner:
            raise template.node.fail(
                "missing-key", f"'{template.name}' needs the requirement internal_virtual_link"
            )
        for item in inner:
            name = str(item.target)
            if name not in known:
                raise item.at.fail(
                    "unknown-node", f"'{name}' is neither an internal link nor a connection point"
                )
            if name in exposed:
                raise item.at.fail("exposed-twice", f"'{name}' is already exposed by '{exposed[name][1]}'")
            exposed[name] = (item.at, template.name)
    return exposed


def _mapped(topology: Topology) -> Iterator[tuple[str, Node]]:
    """Nodes substitution_mappings.requirements lead to: [node, requirement] or {mapping: [...]}."""
    mappings = topology.substitution
    requirements = mappings.get("requirements") if mappings is not None else None
    for _, value in requirements.pairs() if requirements is not None else ():
        target = value.need("mapping") if value.is_mapping else value
        parts = target.texts()
        if not parts:
            raise value.fail("not-a-list", "a requirement is mapped to [node, requirement]")
        yield parts[0], value
