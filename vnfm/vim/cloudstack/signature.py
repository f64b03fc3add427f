"""Signs a CloudStack request (signature version 3, which carries an expiry)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

#: Shorter than the 15 minutes a server may enforce, longer than any tolerable skew of the clocks.
LIFE = timedelta(minutes=10)


def encode(value: str) -> str:
    """Encode as Java's form encoder does, with blanks as %20: ``*`` stays, ``~`` does not."""
    return quote(value, safe="*").replace("~", "%7E")


def compute(params: Mapping[str, str], secret: str) -> str:
    """The signature over all parameters, sorted by the very names that are sent."""
    text = "&".join(f"{name}={encode(params[name])}" for name in sorted(params)).lower()
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def sign(params: Mapping[str, str], api_key: str, secret: str, now: float) -> dict[str, str]:
    """Add credentials, expiry and signature to ``params``; ``now`` in seconds since the epoch."""
    expires = datetime.fromtimestamp(now, UTC) + LIFE
    signed = {
        **params,
        "apikey": api_key,
        "response": "json",
        "signatureversion": "3",
        "expires": expires.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    signed["signature"] = compute(signed, secret)
    return signed
