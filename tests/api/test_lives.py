"""Requests that follow from each other: what one answer names, the next request uses.

schemathesis draws the links between operations from the specifications: a VNF instance that was made is read,
modified, instantiated and deleted; the occurrence that a Location names is read, cancelled, retried. Each
answer is judged as in ``test_contract``, and by those before it: what was deleted stays gone.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from schemathesis.generation.modes import GenerationMode

from tests.api.catalogue import CATALOGUE
from tests.api.test_contract import FUZZ, Line, is_sendable, judge, line, schema_of
from vnfm.api import versions

__all__ = ["line"]

FILES = sorted({operation.file for operation in CATALOGUE if versions.at(operation.address)})
SHORT = settings(FUZZ, max_examples=8, stateful_step_count=8)
LONG = settings(FUZZ, max_examples=100, stateful_step_count=20)


def _live(line: Line, file: str, extent: settings) -> Counter[tuple[str, int]]:
    """Play lives; how often each operation was answered how, where an earlier answer led to it."""
    schema = schema_of(file, GenerationMode.POSITIVE)
    base = schema.raw_schema["servers"][0]["url"].rstrip("/")
    seen: Counter[tuple[str, int]] = Counter()

    class Life(schema.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"base_url": line.api.url + base, "session": line.session, "timeout": 30}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            if is_sendable(case):
                super().validate_response(response, case, additional_checks=[judge], **kwargs)
                seen[case.operation.label, response.status_code] += 1

    Life.run(settings=extent)
    return seen


def _met(seen: Counter[tuple[str, int]]) -> set[str]:
    """The operations that found a resource by what an earlier answer had said."""
    return {label for label, status in seen if "{" in label and status not in {401, 404}}


@pytest.mark.parametrize("file", FILES)
def test_lives(line: Line, file: str) -> None:
    assert _met(_live(line, file, SHORT))


@pytest.mark.long
@pytest.mark.parametrize("file", FILES)
def test_long_lives(line: Line, file: str) -> None:
    assert len(_met(_live(line, file, LONG))) >= 10
