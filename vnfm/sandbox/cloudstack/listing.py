"""What all list commands share: filters by id, keyword and tag, paging, the shape of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import scope_of
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call

O = TypeVar("O", bound=model.Owned)  # noqa: E741 - the owned row
T = TypeVar("T")


def page(call: Call, rows: Sequence[T], show: Callable[[T], Json]) -> Json:
    """The page asked for. An empty list has neither count nor key; a page past the end has the count."""
    size, start = window(call)
    if not rows:
        return {}
    shown = rows if size is None else rows[start : start + size]
    answer: Json = {"count": len(rows)}
    if shown:
        answer[call.command.object] = [show(row) for row in shown]
    return answer


def window(call: Call) -> tuple[int | None, int]:
    largest = int(call.world.settings.number("default.page.size"))
    size = call.number("pagesize")
    if size is None:
        return largest, 0
    if size == -1 and call.number("page") is None:
        return None, 0
    if size > largest:
        raise invalid(f"Page size can't exceed max allowed page size value: {largest}")
    return size, (max(call.number("page") or 1, 1) - 1) * size


def owned(call: Call, rows: Iterable[O]) -> list[O]:
    """The rows the caller sees, narrowed by `id`, `ids` and tags."""
    wanted = set(call.words("ids"))
    if call.text("id"):
        wanted.add(call.given("id"))
    shows = scope_of(call, by_id=bool(wanted))
    found = [row for row in rows if (not wanted or row.id in wanted) and shows(row.owner)]
    return by_tags(call, found)


def by_tags(call: Call, rows: list[O]) -> list[O]:
    """Several tag pairs mean OR: the server joins them that way."""
    pairs = [(entry.get("key"), entry.get("value")) for entry in call.entries("tags")]
    if not pairs:
        return rows
    return [row for row in rows if any(matches(tag, pairs) for tag in call.world.tags_of(row))]


def matches(tag: model.Tag, pairs: list[tuple[str | None, str | None]]) -> bool:
    return any(tag.key == key and value in (None, tag.value) for key, value in pairs)


def same(given: str | None, value: object) -> bool:
    """An optional filter: not given means everything."""
    return given is None or given == "" or given == value


def holds(keyword: str | None, *texts: str | None) -> bool:
    return not keyword or any(keyword.lower() in text.lower() for text in texts if text)
