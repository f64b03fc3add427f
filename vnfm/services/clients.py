"""API clients: who may ask for a token, and with what they are signed."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any

from vnfm.domain.principal import Principal
from vnfm.errors import BadRequest
from vnfm.services.deps import Deps
from vnfm.store.clients import Clients

#: What a client may be: an NFVO drives life cycles, an operator also administers, a monitor only reads.
ROLES = frozenset({"nfvo", "operator", "monitor"})


def add(clients: Clients, client_id: str, secret: str, tenant: str, roles: Iterable[str]) -> Principal:
    """Store a client; only a salted scrypt hash of the secret is kept. BadRequest names a bad value."""
    wanted = frozenset(roles)
    if unknown := wanted - ROLES:
        raise BadRequest(f"roles: unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(ROLES))}")
    if not client_id or not tenant or not wanted:
        raise BadRequest("a client needs an id, a tenant and at least one role")
    if len(secret) < 16:
        raise BadRequest("the secret is shorter than 16 characters")
    salt = secrets.token_bytes(16)
    clients.put(client_id, tenant, sorted(wanted), salt, _digest(secret, salt))
    return Principal(client_id, tenant, wanted)


def authenticate(deps: Deps, client_id: str, client_secret: str) -> Principal | None:
    """The principal behind a client's credentials, or None if they are wrong."""
    found = deps.clients.get(client_id)
    salt = found["salt"] if found else b"no such client......"
    digest = _digest(client_secret, salt)  # also for unknown clients: the answer takes as long
    if found is None or not hmac.compare_digest(digest, found["digest"]):
        return None
    return Principal(client_id, found["tenant"], frozenset(found["roles"]))


def signing_key(deps: Deps) -> Mapping[str, Any]:
    """The symmetric JWK that all processes sign and verify tokens with; made by whoever comes first."""
    key = urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    candidate = {"kty": "oct", "k": key, "alg": "HS256", "use": "sig", "kid": deps.new_id()}
    return deps.clients.agree_on_key(candidate)


def _digest(secret: str, salt: bytes) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)
