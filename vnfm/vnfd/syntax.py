"""YAML bytes in, :class:`Node` tree out.

Built from parser events with our own stack rather than by a YAML constructor: nothing recurses on hostile
nesting, no tag can create an object, aliases are shared and their expanded size is counted, and every
value keeps its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from vnfm.vnfd import limits
from vnfm.vnfd.errors import PackageError
from vnfm.vnfd.node import Node, Scalar

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Any: the stub knows no common event source
_RESOLVER: Any = yaml.resolver.Resolver()  # Any: its stub leaves resolve() untyped
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+")
_HEX = re.compile(r"[-+]?0x[0-9a-fA-F]+")
_TRUE = frozenset({"true", "yes", "on"})


def _integer(raw: str) -> Scalar:
    """Decimal and hexadecimal only: YAML 1.1 would read 10:20 as base sixty, which no VNFD means."""
    if _INTEGER.fullmatch(raw) and len(raw) <= limits.MAX_DIGITS:
        return int(raw)
    return int(raw, 16) if _HEX.fullmatch(raw) and len(raw) <= limits.MAX_DIGITS else raw


def _float(raw: str) -> Scalar:
    try:
        value = float(raw)
    except ValueError:
        return raw
    return value if abs(value) < float("inf") else raw


_SCALARS: dict[str, Callable[[str], Scalar]] = {
    "null": lambda raw: None,
    "bool": lambda raw: raw.lower() in _TRUE,
    "int": _integer,
    "float": _float,
    "str": str,
    "timestamp": str,
    "merge": str,
    "value": str,
    "binary": str,
}


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been seen."""

    line: int
    path: str
    anchor: str | None
    is_mapping: bool
    keys: dict[str, Node] = field(default_factory=dict)
    entries: list[Node] = field(default_factory=list)
    merges: list[Node] = field(default_factory=list)
    key: str | None = None
    key_line: int = 0
    weight: int = 1
    height: int = 0


class _Builder:
    """Turns one event stream into one tree."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        self.total = 0
        self.root: Node | None = None
        self.documents = 0
        self.handlers: dict[type[Any], Any] = {  # Any: each handler takes its own event class
            yaml.DocumentStartEvent: self._document,
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._open,
            yaml.SequenceStartEvent: self._open,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
        }

    def fail(self, rule: str, sentence: str, line: int) -> PackageError:
        return PackageError(rule, sentence, self.file, line)

    def feed(self, event: Any) -> None:
        handler = self.handlers.get(type(event))
        if handler is not None:
            handler(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.fail("several-documents", "only one YAML document is allowed in a file", _line(event))

    def _place(self, line: int) -> tuple[int, str]:
        """Line and path of the value that comes next."""
        if not self.stack:
            return line, ""
        top = self.stack[-1]
        if not top.is_mapping:
            return line, f"{top.path}[{len(top.entries)}]"
        if top.key is None:
            return line, top.path
        return top.key_line, f"{top.path}.{top.key}" if top.path else top.key

    def _count(self, weight: int, line: int) -> None:
        self.total += weight
        if self.total > limits.MAX_NODES:
            raise self.fail(
                "yaml-too-large", f"more than {limits.MAX_NODES} values after aliases are expanded", line
            )

    def _nest(self, levels: int, line: int) -> None:
        """Bound the depth with aliases expanded, since those who walk the tree recurse."""
        if len(self.stack) + levels > limits.MAX_DEPTH:
            raise self.fail("yaml-too-deep", f"values are nested deeper than {limits.MAX_DEPTH}", line)

    def _scalar(self, event: Any) -> None:
        tag = event.tag or _RESOLVER.resolve(yaml.ScalarNode, event.value, event.implicit)
        short = str(tag).removeprefix(_TAG)
        convert = _SCALARS.get("str" if tag == "!" else short)
        if convert is None:
            raise self.fail("yaml-tag", f"the tag {tag} is not allowed", _line(event))
        if not _is_storable(event.value):
            raise self.fail("yaml-character", "a text holds NUL or half a surrogate pair", _line(event))
        line, path = self._place(_line(event))
        self._count(1, line)
        node = Node(self.file, line, path, convert(event.value), event.value)
        self._remember(event.anchor, node)
        self._put(node, merge=short == "merge")

    def _alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            reason = "refers to itself" if event.anchor in self.anchors else "is not defined"
            raise self.fail("yaml-alias", f"the alias *{event.anchor} {reason}", _line(event))
        self._count(node.weight, _line(event))
        self._nest(node.height, _line(event))
        self._put(node)

    def _open(self, event: Any) -> None:
        if event.tag not in (None, "!", f"{_TAG}map", f"{_TAG}seq"):
            raise self.fail("yaml-tag", f"the tag {event.tag} is not allowed", _line(event))
        self._nest(1, _line(event))
        line, path = self._place(_line(event))
        self._count(1, line)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(_Open(line, path, event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _close(self, event: Any) -> None:
        top = self.stack.pop()
        for merged in top.merges:
            for key, node in merged.mapping().items():
                top.keys.setdefault(key, node)
        value = top.keys if top.is_mapping else top.entries
        node = Node(self.file, top.line, top.path, value, "", top.weight, top.height)
        self._remember(top.anchor, node)
        self._put(node)

    def _remember(self, anchor: str | None, node: Node) -> None:
        if anchor:
            self.anchors[anchor] = node

    def _put(self, node: Node, merge: bool = False) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.weight += node.weight
        top.height = max(top.height, node.height + 1)
        if not top.is_mapping:
            top.entries.append(node)
        elif top.key is None:
            self._key(top, node, merge)
        else:
            self._entry(top, node)

    def _key(self, top: _Open, node: Node, merge: bool) -> None:
        if isinstance(node.value, dict | list):
            raise self.fail("yaml-key", "a mapping key must be a plain text", node.line)
        if node.raw in top.keys and not merge:
            raise self.fail(
                "duplicate-key", f"the key '{node.raw}' appears twice in the same mapping", node.line
            )
        top.key, top.key_line = node.raw, node.line

    def _entry(self, top: _Open, node: Node) -> None:
        key, top.key = str(top.key), None
        if key != "<<":
            top.keys[key] = node
        elif isinstance(node.value, list):
            top.merges.extend(node.value)
        else:
            top.merges.append(node)


def _is_storable(text: str) -> bool:
    """YAML escapes can produce what neither UTF-8 nor the database can hold."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def parse(data: bytes, file: str) -> Node:
    """The mapping a YAML file holds, or PackageError naming file and line."""
    if len(data) > limits.MAX_YAML:
        raise PackageError("yaml-too-large", f"the file is larger than {limits.MAX_YAML} bytes", file)
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise PackageError(
            "not-utf8", "the file is not UTF-8 text", file, data.count(b"\n", 0, exc.start) + 1
        ) from exc
    builder = _Builder(file)
    try:
        for event in yaml.parse(source, Loader=_LOADER):
            builder.feed(event)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else None
        raise PackageError("yaml-syntax", f"not valid YAML: {exc.problem}", file, line) from exc
    except yaml.YAMLError as exc:
        raise PackageError(
            "yaml-syntax", "not valid YAML: it contains a character that YAML forbids", file
        ) from exc
    if builder.root is None or not builder.root.is_mapping:
        raise PackageError("not-a-mapping", "the top level must be a mapping", file, 1)
    return builder.root
