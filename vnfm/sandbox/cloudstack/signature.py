"""CloudStack's request signature: HMAC-SHA1 over the sorted, lower-cased parameters."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from vnfm.sandbox.cloudstack.refusal import Refusal, unverified

LONGEST_LIFE = 15 * 60


def sign(params: Mapping[str, str], secret: str) -> str:
    """Sign as the server does: names as sent, values as Java's form encoder writes them."""
    pairs = (f"{name}={encode(params[name])}" for name in sorted(params) if name.lower() != "signature")
    text = "&".join(pairs).lower()
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def encode(value: str) -> str:
    return quote(value, safe="*").replace("~", "%7E")


def verify(params: Mapping[str, str], secret: str, known: bool) -> None:
    given = params.get("signature", "")
    if not hmac.compare_digest(sign(params, secret).encode(), given.encode()):
        raise unverified(known)


def check_life(params: Mapping[str, str], now: float, enforced: bool, known: bool) -> None:
    """Refuse what has expired. Without signatureversion 3 `expires` is ignored, unless enforced."""
    if params.get("signatureversion") != "3":
        if enforced:
            raise unverified(known)
        return
    left = read_expiry(params.get("expires", ""), known) - now
    if left <= 0 or (enforced and left > LONGEST_LIFE):
        raise unverified(known)


def read_expiry(text: str, known: bool) -> float:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no offset")
    except ValueError as exc:
        raise unverified(known) from exc
    return moment.timestamp()


def need_post(method: str, command: str, enforced: bool) -> None:
    """While POST is enforced, only reading commands may come by GET."""
    reading = command.lower().startswith(("get", "list", "query", "find"))
    if enforced and method != "POST" and not reading:
        raise Refusal(400, f"State changing command {command} needs to be sent using POST request")
