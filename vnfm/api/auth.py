"""Who asks: the bearer token of a request (RFC 6750, SOL013 8.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from vnfm.api.tokens import TokenError, Tokens
from vnfm.domain.principal import Principal
from vnfm.settings import Strict

_REALM = 'Bearer realm="vnfm"'
_TOKEN = re.compile(rb"[A-Za-z0-9\-._~+/]+=*")
_MAX_LENGTH = 8192


#: Roles that may change something; the others only read.
WRITERS = frozenset({"nfvo", "operator"})


def _refusal(status: int, detail: str, error: str | None = None) -> HTTPException:
    challenge = f'{_REALM}, error="{error}", error_description="{detail}"' if error else _REALM
    return HTTPException(status, detail, headers={"WWW-Authenticate": challenge})


def token_of(headers: Mapping[bytes, bytes], strict: frozenset[Strict]) -> str:
    """The bearer token; 401 if there is none, 400 if what is there cannot be one. OpenStack's clients have a
    header of their own for it."""
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    if not scheme and Strict.OPENSTACK not in strict and headers.get(b"x-auth-token"):
        scheme, value = b"bearer", headers[b"x-auth-token"]
    if scheme.lower() != b"bearer":
        raise _refusal(401, "an access token is needed; POST /oauth2/token gives one")
    value = value.strip()
    if len(value) > _MAX_LENGTH or not _TOKEN.fullmatch(value):
        raise _refusal(400, "the access token is malformed", "invalid_request")
    return value.decode("ascii")


def permit(principal: Principal, method: str) -> None:
    """Refuse (403) what the caller's roles do not cover."""
    if method not in {"GET", "HEAD"} and not principal.roles & WRITERS:
        raise HTTPException(
            403, f"{principal.client} may only read; {method} needs one of the roles: nfvo, operator"
        )


async def identify(tokens: Tokens, headers: Mapping[bytes, bytes], strict: frozenset[Strict]) -> Principal:
    """The principal a request comes from; verification runs beside the event loop, its memory in it."""
    token = token_of(headers, strict)
    known = tokens.recall(token)
    if known is not None:
        return known
    try:
        principal, expiry = await run_in_threadpool(tokens.verify, token)
    except TokenError as exc:
        raise _refusal(401, str(exc), "invalid_token") from exc
    tokens.remember(token, principal, expiry)
    return principal
