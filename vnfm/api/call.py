"""A request on its way in (Call), the answer on its way out (Answer), what handlers work with (Gateway)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from vnfm.domain.principal import Principal

if TYPE_CHECKING:
    from vnfm.api.tokens import Tokens
    from vnfm.services.deps import Deps

Headers = tuple[tuple[bytes, bytes], ...]

#: Under this name the edge puts the Call into the ASGI scope.
SCOPE_KEY = "vnfm.call"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Joined once per process by ``app.create_app``. ``base_url`` has no slash at its end."""

    deps: Deps
    base_url: str
    tokens: Tokens


@dataclass(slots=True)
class Call:
    """What is known about a request so far; each stage fills in its part."""

    request_id: str
    method: str
    path: str
    headers: Mapping[bytes, bytes]
    #: Headers that every answer to this request has.
    stamps: Headers = ()
    params: Mapping[str, str] = field(default_factory=dict)
    principal: Principal | None = None
    #: The parsed and validated body: a JSON value, or a form's bytes.
    body: Any = None
    #: The query string as it came.
    query: bytes = b""

    @property
    def caller(self) -> Principal:
        """Who asks; only in operations that need a token."""
        if self.principal is None:
            raise RuntimeError(f"{self.method} {self.path} is open to anybody and has no caller")
        return self.principal

    def header(self, name: bytes) -> str | None:
        """A request header by its lower-case name."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, encoded body and headers, ready for the wire."""

    status: int
    body: bytes = b""
    headers: Headers = ()


Handler = Callable[[Gateway, Call], Answer]

_JSON = (b"content-type", b"application/json")


def json_answer(status: int, document: object, *headers: tuple[str, str]) -> Answer:
    """An answer with a JSON body."""
    more = tuple((name.lower().encode(), value.encode("latin-1")) for name, value in headers)
    return Answer(status, orjson.dumps(document), (_JSON, *more))


def accepted(location: str | None = None) -> Answer:
    """202 for what goes on in the background; ``location`` names the occurrence if there is a new one."""
    return Answer(202, headers=((b"location", location.encode()),) if location else ())


def no_content() -> Answer:
    """204."""
    return Answer(204)
