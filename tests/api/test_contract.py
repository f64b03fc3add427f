"""What the specifications allow is served as they say, and what they forbid is refused as they say.

schemathesis makes the requests, for every operation there is: valid ones for the gateway as it comes, invalid
ones for one that holds its clients to the letter. Some it enumerates from the types, each part in turn; some
are made up by chance. It, connexion and ``judge`` look at the answers. Every second request finds a resource
that is there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.generation.modes import GenerationMode
from schemathesis.generation.overrides import Override
from starlette.exceptions import HTTPException

from tests.api import drafts
from tests.api.catalogue import CATALOGUE, Operation
from tests.api.conftest import Api
from tests.api.known import Known
from tests.speclint import FOREIGN_ERRORS
from vnfm.api import body, versions
from vnfm.settings import Strict


@dataclass(frozen=True)
class Measure:
    """Cases per operation and kind: ``most`` enumerated, ``chances`` by chance, ``least`` in all."""

    most: int
    chances: int
    least: int


SHORT = Measure(most=23, chances=2, least=25)
LONG = Measure(most=1000, chances=100, least=100)

FUZZ = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
#: Besides success: rights, and states and VNFDs, which no schema knows of.
_VALID = ["2xx", "303", "401", "403", "404", "409", "412", "422"]
#: Where nothing but the schema decides what is malformed. Elsewhere a flavour or a level may not exist, a
#: filter may be none, and RFC 6749 has its own opinion.
_JUDGED_BY_SCHEMA = re.compile(
    r"GET .*}|DELETE .*|POST .*/(vnf_instances|vnf_snapshots|retry|rollback|fail|cancel)"
)


@cache
def schema_of(file: str, mode: GenerationMode) -> Any:
    """A specification as schemathesis wants it, for valid or for invalid requests."""
    spec = next(operation.spec for operation in CATALOGUE if operation.file == file)
    draft = drafts.sent(spec) if mode is GenerationMode.POSITIVE else drafts.told(spec)
    checks = {"positive_data_acceptance": {"expected-statuses": _VALID}}
    lenient = {"positive_data_acceptance": {"expected-statuses": [*_VALID, "400"]}}
    chosen = {
        "checks": checks,
        "generation": {"mode": mode.value},
        "operations": [
            {"include-name": f"{operation.method} {operation.path}", "checks": lenient}
            for operation in CATALOGUE
            if operation.file == file
            and not _JUDGED_BY_SCHEMA.fullmatch(f"{operation.method} {operation.path}")
        ],
    }
    # A copy: schemathesis writes the links that it infers into what it is given.
    return schemathesis.openapi.from_dict(deepcopy(draft), config=SchemathesisConfig.from_dict(chosen))


@dataclass(frozen=True)
class Line:
    """A connection to one API, and what exists behind it."""

    api: Api
    known: Known
    session: requests.Session

    def send(self, case: Any, base: str) -> None:
        """Send what was generated, and look at the answer."""
        self.known.mix_in(case, base)
        case.call_and_validate(
            base_url=self.api.url + base, session=self.session, additional_checks=[judge], timeout=30
        )

    def try_out(self, operation: Operation, mode: GenerationMode, measure: Measure) -> None:
        """Enumerated cases, evenly chosen, and made up ones."""
        made = schema_of(operation.file, mode)[operation.path][operation.method]
        cases = list(_enumerate(made, mode))
        cases = cases[:: max(1, math.ceil(len(cases) / measure.most))]
        for case in cases:
            self._try(case, operation, mode)
        if mode is GenerationMode.NEGATIVE and not (
            operation.definition.get("parameters") or operation.content
        ):
            return

        @settings(FUZZ, max_examples=max(measure.chances, measure.least - len(cases)))
        @given(made.as_strategy(generation_mode=mode))
        def fuzz(case: Any) -> None:
            self._try(case, operation, mode)

        fuzz()

    def _try(self, case: Any, operation: Operation, mode: GenerationMode) -> None:
        if mode is GenerationMode.POSITIVE:
            if not is_sendable(case):
                return
            _mend(case)
        elif operation.is_versioned:
            _complete(case, operation)
        self.send(case, operation.base)


def _enumerate(made: Any, mode: GenerationMode) -> Iterator[Any]:
    return iter(
        CoverageGenerator(
            operation=made,
            generation_modes=[mode],
            generation_config=made.schema.config.generation_for(operation=made, phase="coverage"),
            auth_storage=None,
            override=Override(),
            feedback=FeedbackSources(),
        )
    )


def _connect(api: Api) -> Iterator[Line]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {api.token()}"
        yield Line(api, Known(api), session)


@pytest.fixture(scope="module")
def line(api: Api) -> Iterator[Line]:
    yield from _connect(api)


@pytest.fixture(scope="module")
def strict_line(start_api: Callable[..., Api]) -> Iterator[Line]:
    yield from _connect(start_api(strict=frozenset(Strict)))


@pytest.mark.parametrize("operation", CATALOGUE, ids=str)
def test_valid(line: Line, operation: Operation) -> None:
    line.try_out(operation, GenerationMode.POSITIVE, SHORT)


@pytest.mark.parametrize("operation", CATALOGUE, ids=str)
def test_invalid(strict_line: Line, operation: Operation) -> None:
    strict_line.try_out(operation, GenerationMode.NEGATIVE, SHORT)


@pytest.mark.long
@pytest.mark.parametrize("operation", CATALOGUE, ids=str)
def test_valid_at_length(line: Line, operation: Operation) -> None:
    line.try_out(operation, GenerationMode.POSITIVE, LONG)


@pytest.mark.long
@pytest.mark.parametrize("operation", CATALOGUE, ids=str)
def test_invalid_at_length(strict_line: Line, operation: Operation) -> None:
    strict_line.try_out(operation, GenerationMode.NEGATIVE, LONG)


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")
_OFFSET = re.compile(r".*(Z|[+-]\d\d:\d\d)")


def judge(_context: Any, answer: Any, case: Any) -> None:
    """What no schema says of an answer."""
    path = answer.request.path_url.partition("?")[0]
    fields = {name.lower(): values[0] for name, values in answer.headers.items()}
    status = answer.status_code
    assert "x-request-id" in fields
    assert ("version" in fields) == (versions.at(path) is not None)
    if status in (202, 204, 303):
        assert not answer.content
        assert "content-type" not in fields
    if status in (201, 202, 303):
        declared = case.operation.responses.find_by_status_code(status).definition.get("headers", {})
        assert ("location" in fields) == ("Location" in declared)
    if status == 201:
        assert fields["location"] == answer.json()["_links"]["self"]["href"]
    if status >= 400 and (case.operation.path, str(status)) not in FOREIGN_ERRORS:
        assert fields["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status
    for needed in {401: ("www-authenticate",), 405: ("allow",), 503: ("retry-after",)}.get(status, ()):
        assert fields[needed]
    if answer.content:
        _check_times(answer.json())


def _check_times(value: Any) -> None:
    """Clients fail on a time without an offset."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _check_times(item)
    elif isinstance(value, str) and _TIME.fullmatch(value):
        assert _OFFSET.fullmatch(value)


def is_sendable(case: Any) -> bool:
    """False for bodies that the schemas allow and ``api.body`` refuses all the same."""
    try:
        raw = orjson.dumps(case.body, default=str)
        body.parse_json(raw)
    except (HTTPException, TypeError, ValueError):
        return False
    return True


def _mend(case: Any) -> None:
    """schemathesis 4.32 fills in "0" for a header with a pattern in one request that it takes for valid."""
    if (case.headers or {}).get("Version") == "0":
        del case.headers["Version"]


def _complete(case: Any, operation: Operation) -> None:
    """A strict gateway refuses whatever has no Version; nothing else that is wrong would be noticed."""
    served = versions.at(operation.address)
    assert served
    case.headers.setdefault("Version", served.version)
