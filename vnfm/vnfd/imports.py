"""Follows the imports of a template through the files of a package; never to the network.

The standard ETSI type files are satisfied by the built-in table of :mod:`vnfm.vnfd.typetree`, whether the
package holds them, omits them or names them by URL.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from vnfm.vnfd import limits, syntax
from vnfm.vnfd.archive import Files, is_yaml
from vnfm.vnfd.node import Node
from vnfm.vnfd.typetree import TypeTree

#: File names of the standard types, with or without a release: etsi_nfv_sol001_vnfd_2_5_1_types.yaml.
_STANDARD = re.compile(r"etsi_nfv_sol001_(vnfd|common|nsd|pnfd)[\w.-]{0,40}\.ya?ml", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

#: Grammars this reader knows.
VERSIONS = (
    "tosca_simple_yaml_1_0",
    "tosca_simple_yaml_1_1",
    "tosca_simple_yaml_1_2",
    "tosca_simple_yaml_1_3",
    "tosca_simple_profile_for_nfv_1_0_0",
)


@dataclass(slots=True)
class Definitions:
    """Every template reached, the entry first, and all their types."""

    templates: list[Node] = field(default_factory=list)
    types: TypeTree = field(default_factory=TypeTree)


def load(files: Files, entry: str, others: Iterable[str]) -> Definitions:
    """Read ``entry``, the further definitions TOSCA.meta names, and all they import."""
    loader = _Loader(files)
    for name in (entry, *others):
        loader.visit(name)
    return Definitions([loader.done[name] for name in loader.order], loader.types)


class _Loader:
    def __init__(self, files: Files) -> None:
        self.files = files
        self.types = TypeTree()
        self.done: dict[str, Node] = {}
        self.order: list[str] = []
        self.open: list[str] = []
        self.weight = 0

    def visit(self, name: str) -> None:
        if name in self.done or _STANDARD.fullmatch(posixpath.basename(name)):
            return
        template = syntax.parse(self.files.read(name), name)
        self._bound(template)
        version = template.need("tosca_definitions_version")
        if version.text() not in VERSIONS:
            raise version.fail("tosca-version", f"'{version.text()}' is not one of {', '.join(VERSIONS)}")
        self.order.append(name)
        self.open.append(name)
        for target, at in _targets(template):
            self._follow(name, target, at)
        self.open.pop()
        self.done[name] = template
        self.types.add(template)

    def _bound(self, template: Node) -> None:
        """Refuse what many files of a permitted size would cost together."""
        self.weight += template.weight
        if self.weight > limits.MAX_NODES:
            raise template.fail("yaml-too-large", f"all definitions hold more than {limits.MAX_NODES} values")
        if len(self.open) >= limits.MAX_DEPTH:
            raise template.fail("import-too-deep", f"imports lead on more than {limits.MAX_DEPTH} times")

    def _follow(self, importer: str, target: str, at: Node) -> None:
        if _STANDARD.fullmatch(posixpath.basename(target)):
            return
        if _URL.match(target):
            raise at.fail(
                "import-url",
                f"'{target}' is outside the package; only the standard SOL001 type files may "
                "be imported by URL",
            )
        path = self._find(importer, target, at)
        if path in self.open:
            cycle = [*self.open[self.open.index(path) :], path]
            raise at.fail("import-cycle", "files import each other: " + " -> ".join(cycle))
        self.visit(path)

    def _find(self, importer: str, target: str, at: Node) -> str:
        """Relative to the importing file, or else to the root of the package, as tools disagree on it."""
        near = posixpath.normpath(posixpath.join(posixpath.dirname(importer), target))
        if target.startswith("/") or near == ".." or near.startswith("../"):
            raise at.fail("import-outside", f"'{target}' leads out of the package")
        for path in (near, posixpath.normpath(target)):
            if path in self.files:
                if not is_yaml(path):
                    raise at.fail("import-not-yaml", f"'{target}' is not a YAML file")
                return path
        raise at.fail("import-missing", f"the imported file '{target}' is not in the package")


def _targets(template: Node) -> Iterable[tuple[str, Node]]:
    """The imported names: a text, a list of texts, {file: ...}, or named entries of either form."""
    imports = template.get("imports")
    if imports is None:
        return
    if not imports.is_list and not imports.is_mapping:
        yield imports.text(), imports
        return
    entries = imports.items() if imports.is_list else [imports]
    for entry in entries:
        yield from _entry_targets(entry)


def _entry_targets(entry: Node) -> Iterable[tuple[str, Node]]:
    if not entry.is_mapping:
        yield entry.text(), entry
        return
    if entry.get("file") is not None:
        yield _located(entry), entry.need("file")
        return
    for inner in entry.mapping().values():
        yield (_located(inner) if inner.is_mapping else inner.text()), inner


def _located(entry: Node) -> str:
    """The file of a dictionary form; a repository makes it foreign unless it is a standard file."""
    file = entry.need("file").text()
    if entry.get("repository") is not None and not _STANDARD.fullmatch(posixpath.basename(file)):
        raise entry.fail("import-url", f"'{file}' is imported from a repository outside the package")
    return file
