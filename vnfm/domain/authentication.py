"""How a subscriber wants us to prove who we are, and which of the ways we can go (SOL013 8.3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class AuthType(StrEnum):
    """SubscriptionAuthentication.authType."""

    OAUTH2 = "OAUTH2_CLIENT_CREDENTIALS"
    BASIC = "BASIC"
    TLS_CERT = "TLS_CERT"


@dataclass(frozen=True, slots=True)
class Way:
    """One way, with what it needs. ``params`` is secret."""

    kind: AuthType | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


#: For subscribers who ask for no proof.
NONE = Way()

#: Way → attribute with its parameters, and which of them it cannot do without.
_PARAMS: Mapping[AuthType, tuple[str, tuple[str, ...]]] = {
    AuthType.OAUTH2: ("paramsOauth2ClientCredentials", ("clientId", "clientPassword", "tokenEndpoint")),
    AuthType.BASIC: ("paramsBasic", ("userName", "password")),
}


def ways(offered: Mapping[str, Any] | None, callback_uri: str, *, has_identity: bool) -> list[Way]:
    """The ways that can be gone, the best one first: those whose parameters came with the subscription are
    surely meant, so a certificate (``has_identity``: we have one) comes last. [] if none can."""
    if offered is None:
        return [NONE]
    asked = frozenset(offered["authType"])
    found = []
    for kind, (attribute, needed) in _PARAMS.items():
        params = offered.get(attribute) or {}
        if kind in asked and all(params.get(name) for name in needed):
            found.append(Way(kind, dict(params)))
    if AuthType.TLS_CERT in asked and has_identity and callback_uri.lower().startswith("https:"):
        found.append(Way(AuthType.TLS_CERT))
    return found


def refusal(offered: Mapping[str, Any]) -> str:
    """Why none of the offered ways can be gone."""
    needs = {
        kind: f"{kind} needs {attribute} with {', '.join(names)}"
        for kind, (attribute, names) in _PARAMS.items()
    }
    needs[AuthType.TLS_CERT] = (
        f"{AuthType.TLS_CERT} needs an https callbackUri and a certificate of this VNFM"
    )
    asked = [needs.get(kind, f"{kind} is unknown") for kind in offered["authType"]]
    return "authentication/authType: none of the offered ways can be gone: " + "; ".join(asked)
