"""Access tokens: JWTs signed with the one key that all processes share through the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from vnfm.domain.principal import Principal

#: Key type → algorithm; the token's own header is never asked which.
_ALGORITHMS = {"EC": "ES256", "oct": "HS256"}
#: A verified token is believed again for so long without a look at its signature …
_TRUST = 60.0
#: … for at most so many tokens.
_CAPACITY = 4096
#: After a bad signature the key is fetched again, but not more often than this: a flood of forged tokens must
#: not become a flood of database reads.
_REFETCH = 30.0

_CLAIMS: Mapping[str, Any] = {
    "exp": {"essential": True},
    "sub": {"essential": True},
    "tenant": {"essential": True},
}


class TokenError(Exception):
    """A token that is not valid; the message says why and may be shown to its bearer."""


class Tokens:
    """Issues and verifies. ``fetch_key`` reads the shared JWK, ``now`` is seconds since the epoch."""

    def __init__(
        self, fetch_key: Callable[[], Mapping[str, Any]], now: Callable[[], float], lifetime: int
    ) -> None:
        self._fetch_key = fetch_key
        self._now = now
        self.lifetime = lifetime
        self._key: ECKey | OctKey | None = None
        self._fetched = 0.0
        #: token → who, and until when that may be believed. Only the event loop touches it.
        self._verified: dict[str, tuple[Principal, float]] = {}

    def _current_key(self) -> ECKey | OctKey:
        if self._key is None:
            key = jwk.import_key(dict(self._fetch_key()))
            if not isinstance(key, ECKey | OctKey):
                raise RuntimeError("the signing key is neither EC nor symmetric")
            self._key, self._fetched = key, self._now()
        return self._key

    def issue(self, principal: Principal) -> str:
        """A new token for ``principal``. May read the database."""
        key = self._current_key()
        start = int(self._now())
        claims = {
            "sub": principal.client,
            "tenant": principal.tenant,
            "roles": sorted(principal.roles),
            "iat": start,
            "exp": start + self.lifetime,
        }
        header = {"alg": _ALGORITHMS[key.key_type]}
        if key.kid:
            header["kid"] = key.kid
        return jwt.encode(header, claims, key)

    def recall(self, token: str) -> Principal | None:
        """Who bears ``token`` if that was verified a moment ago; never blocks."""
        known = self._verified.get(token)
        if known is None:
            return None
        if known[1] <= self._now():
            del self._verified[token]
            return None
        return known[0]

    def remember(self, token: str, principal: Principal, expiry: float) -> None:
        """Let ``recall`` know; the oldest is forgotten when there are too many."""
        if len(self._verified) >= _CAPACITY:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = (principal, min(expiry, self._now() + _TRUST))

    def verify(self, token: str) -> tuple[Principal, float]:
        """Who bears ``token`` and when it expires, or ``TokenError``. May read the database."""
        try:
            return self._decode(token)
        except JoseError as exc:
            if self._now() - self._fetched < _REFETCH:
                raise TokenError(_reason(exc)) from exc
        self._key = None
        try:
            return self._decode(token)
        except JoseError as exc:
            raise TokenError(_reason(exc)) from exc

    def _decode(self, token: str) -> tuple[Principal, float]:
        key = self._current_key()
        claims = jwt.decode(token, key, algorithms=[_ALGORITHMS[key.key_type]]).claims
        jwt.JWTClaimsRegistry(now=lambda: int(self._now()), **_CLAIMS).validate(claims)
        principal = Principal(
            client=str(claims["sub"]),
            tenant=str(claims["tenant"]),
            roles=frozenset(str(role) for role in claims.get("roles", ())),
        )
        return principal, float(claims["exp"])


def _reason(exc: JoseError) -> str:
    return "the token has expired" if exc.error == "expired_token" else "the token is not valid"
