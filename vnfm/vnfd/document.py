"""A parsed VNFD as plain JSON-like data for the database, and back.

Driven by the annotations of :mod:`vnfm.domain.vnfd`, so a field added there needs nothing here.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from vnfm.domain.vnfd import Vnfd

# Any throughout: these functions are about values of every shape; the domain's annotations give the shape.


def to_document(vnfd: Vnfd) -> dict[str, Any]:
    """Dicts, lists and scalars only; equal VNFDs give equal documents."""
    return cast(dict[str, Any], _plain(vnfd))


def from_document(document: Mapping[str, Any]) -> Vnfd:
    """The VNFD that :func:`to_document` was given. Keys of other origin, such as ``_id``, are ignored."""
    return cast(Vnfd, _build(Vnfd, document))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _build(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if is_dataclass(kind):
        return cast(type[Any], kind)(**_fields(cast(type[Any], kind), value))
    builder = _BUILDERS.get(get_origin(kind))
    return builder(get_args(kind), value) if builder is not None else value


def _fields(kind: type[Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """Only what the document has: a document of an older version leaves a newer field at its default."""
    hints = get_type_hints(kind)
    present = [item.name for item in fields(kind) if item.name in value]
    return {name: _build(hints[name], value[name]) for name in present}


def _build_mapping(args: tuple[Any, ...], value: Mapping[str, Any]) -> Any:
    return {key: _build(args[1], item) for key, item in value.items()}


def _build_tuple(args: tuple[Any, ...], value: list[Any]) -> Any:
    kinds = args[:1] * len(value) if args[-1] is ... else args
    return tuple(_build(kind, item) for kind, item in zip(kinds, value, strict=True))


def _build_optional(args: tuple[Any, ...], value: Any) -> Any:
    return _build(next(arg for arg in args if arg is not types.NoneType), value)


_BUILDERS: dict[Any, Callable[[tuple[Any, ...], Any], Any]] = {
    Mapping: _build_mapping,
    tuple: _build_tuple,
    types.UnionType: _build_optional,
    Union: _build_optional,
}
