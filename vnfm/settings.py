"""All settings in one frozen value, read from the environment; nobody else reads ``os.environ``.

Every field can be set as ``VNFM_<FIELD>``; secrets also as ``VNFM_<FIELD>_FILE`` naming a file that holds
the value. docs/reference/settings.md lists them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class SettingsError(ValueError):
    """A setting that cannot be used; the message names the variable and the reason."""


class Strict(StrEnum):
    """What clients in the field are sloppy about, each tolerated unless an operator says otherwise."""

    VERSION = "version"
    QUERY = "query"
    FILTER = "filter"
    CONTENT_TYPE = "content-type"
    ATTRIBUTES = "attributes"
    EMPTY_BODY = "empty-body"
    PATCH = "patch"
    OPENSTACK = "openstack"


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can choose. Times are seconds."""

    mongo_uri: str = field(default="", repr=False)
    mongo_database: str = "vnfm"
    api_host: str = "127.0.0.1"
    api_port: int = 9890
    #: Scheme, host and prefix under which clients reach the API; links are built from it.
    external_url: str = "http://127.0.0.1:9890"
    #: Where clients are held to the letter of the standard (docs/reference/strictness.md).
    strict: frozenset[Strict] = frozenset()
    #: Requests a second that one client may send, and the burst it may send at once; 0: as many as it likes.
    rate_limit: float = 0.0
    #: How many entries of a list are given at once.
    page_size: int = 100
    validate_responses: bool = False
    api_threads: int = 16
    token_lifetime: int = 3600
    log_level: str = "INFO"

    nfvo_url: str = ""
    #: Where grants and packages are, if not at their standard places below ``nfvo_url``.
    nfvo_grant_url: str = ""
    nfvo_package_url: str = ""
    #: How we prove to the NFVO who we are: oauth2 or basic, with ``nfvo_client_id`` and its secret.
    nfvo_auth: str = "oauth2"
    nfvo_token_url: str = ""
    nfvo_client_id: str = ""
    nfvo_client_secret: str = field(default="", repr=False)

    ca_file: str = ""
    #: Shown to whoever asks for a client certificate; subscribers may want that (TLS_CERT).
    client_cert_file: str = ""
    client_key_file: str = ""
    allow_loopback: bool = False

    #: How long a try to tell a subscriber something may take in all, and the pause before each one.
    callback_timeout: float = 10.0
    callback_schedule: tuple[float, ...] = (0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000)
    #: Statuses besides 204 that pass the test of an endpoint: ONAP has no GET there.
    callback_tolerated: tuple[int, ...] = (405,)
    #: Hosts (``*.example.org`` for a domain) whose subscriptions begin with timeStamp left out.
    omit_time_stamp: tuple[str, ...] = ()
    relay_threads: int = 32
    #: How many of them one subscription may have.
    relay_width: int = 4
    #: How long a subscriber that did not answer is left in peace.
    relay_rest: float = 5.0
    #: Pause of an idle relay between two looks for what is to be told.
    relay_pause: float = 0.1

    worker_threads: int = 8
    #: How long a worker owns an operation without saying so again.
    lease: float = 30.0
    #: Pause of an idle worker between two looks for work.
    idle_pause: float = 0.2
    #: First pause between two looks at a VIM job; grows by half each time, up to ten times this.
    poll_pause: float = 1.0
    #: How long one job of the VIM may take, or a server be on its way from one state to another, before the
    #: step looks for the last time and the operation stops in FAILED_TEMP.
    job_patience: float = 7_200.0
    #: Pause before the look at what a call with effect has come to whose answer was lost.
    settle_pause: float = 2.0
    #: How long one step may go on meeting temporary errors before the operation stops in FAILED_TEMP.
    step_patience: float = 120.0
    #: How long TERMINATE waits for the VIM to purge what it may not expunge itself …
    purge_patience: float = 259_200.0
    #: … and what then: "fail" stops in FAILED_TEMP, "leave" completes with a warning that names the rest.
    purge_policy: str = "fail"

    #: Tests only: ``step/phase/point`` at which this process kills itself, and the file it marks first.
    fault_point: str = ""
    fault_mark: str = ""


def _flag(text: str) -> bool:
    """Read a boolean; raises ``ValueError`` for anything but the usual words."""
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError("expected true or false")


def _strictness(text: str) -> frozenset[Strict]:
    """Read names of ``Strict`` with commas between, or "all", or nothing."""
    words = {word.strip().lower() for word in text.split(",")} - {""}
    if words == {"all"}:
        return frozenset(Strict)
    unknown = words - set(Strict)
    if unknown:
        raise ValueError(f"expected all, or some of {', '.join(Strict)}")
    return frozenset(Strict(word) for word in words)


def _count(text: str) -> int:
    """Read a whole number."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("expected a whole number") from None


def _number(text: str) -> float:
    """Read a number; "nan" and "inf" are none that anything here could wait for."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError("expected a number")
    return value


def _words(text: str) -> tuple[str, ...]:
    """Read a list with commas between; empty entries do not count."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


_READERS: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "int": _count,
    "float": _number,
    "bool": _flag,
    "tuple[str, ...]": _words,
    "tuple[int, ...]": lambda text: tuple(map(_count, _words(text))),
    "tuple[float, ...]": lambda text: tuple(map(_number, _words(text))),
    "frozenset[Strict]": _strictness,
}


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``environ`` (default: the process's); ``SettingsError`` names the bad variable."""
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    for item in fields(Settings):
        variable = f"VNFM_{item.name.upper()}"
        text = source.get(variable)
        if text is None and (file := source.get(f"{variable}_FILE")):
            try:
                text = Path(file).read_text().strip()
            except OSError as exc:
                raise SettingsError(f"{variable}_FILE: {exc.strerror}: {file}") from exc
            except UnicodeDecodeError as exc:
                raise SettingsError(f"{variable}_FILE: this is not text in UTF-8: {file}") from exc
        if text is None:
            continue
        try:
            values[item.name] = _READERS[str(item.type)](text)
        except ValueError as exc:
            raise SettingsError(f"{variable}: {exc}: {text!r}") from exc
    settings = Settings(**values)
    _check(settings)
    return settings


#: Field → the least and the most that is of any use: no threads do nothing, an empty lease is over at once.
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "api_port": (1, 65_535),
    "rate_limit": (0, math.inf),
    "page_size": (1, math.inf),
    "api_threads": (1, math.inf),
    "token_lifetime": (1, math.inf),
    "callback_timeout": (0.1, math.inf),
    "relay_threads": (1, math.inf),
    "relay_width": (1, math.inf),
    "relay_rest": (0, math.inf),
    "relay_pause": (0, math.inf),
    "worker_threads": (1, math.inf),
    "lease": (0.1, math.inf),
    "idle_pause": (0, math.inf),
    "poll_pause": (0, math.inf),
    "job_patience": (0, math.inf),
    "settle_pause": (0, math.inf),
    "step_patience": (0, math.inf),
    "purge_patience": (0, math.inf),
}

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "log_level": ("DEBUG", "INFO", "WARNING", "ERROR"),
    "nfvo_auth": ("oauth2", "basic"),
    "purge_policy": ("fail", "leave"),
}

_URLS = ("external_url", "nfvo_url", "nfvo_grant_url", "nfvo_package_url", "nfvo_token_url")


def _check(settings: Settings) -> None:
    """``SettingsError`` for values that can be read and not be meant."""
    _check_each(settings)
    first, *later = settings.callback_schedule or (-1,)
    if first != 0 or min(later, default=0) < 0:
        raise SettingsError("VNFM_CALLBACK_SCHEDULE: expected 0, for the first try, then pauses not below 0")
    if bool(settings.client_cert_file) != bool(settings.client_key_file):
        raise SettingsError("VNFM_CLIENT_CERT_FILE, VNFM_CLIENT_KEY_FILE: one needs the other")


def _check_each(settings: Settings) -> None:
    """What the tables above say."""
    values = {item.name: getattr(settings, item.name) for item in fields(Settings)}
    for name, (least, most) in _BOUNDS.items():
        if not least <= values[name] <= most:
            wanted = f"at least {least:g}" if most == math.inf else f"{least:g} to {most:g}"
            raise SettingsError(f"VNFM_{name.upper()}: expected {wanted}: {values[name]:g}")
    for name, known in _CHOICES.items():
        if values[name] not in known:
            raise SettingsError(f"VNFM_{name.upper()}: expected {' or '.join(known)}: {values[name]!r}")
    for name in _URLS:
        if values[name] and not _is_root(values[name]):
            raise SettingsError(f"VNFM_{name.upper()}: expected http(s)://HOST[:PORT][/PREFIX]")


def _is_root(text: str) -> bool:
    """Whether paths can be put behind this address. A password has no place in it: there are settings."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not (parts.query or parts.fragment or "@" in parts.netloc or set(text) & set(" \t\r\n"))


def secret_from(variable: str) -> str:
    """A secret that the caller put into the environment under a name of its own."""
    try:
        return os.environ[variable]
    except KeyError:
        raise SettingsError(f"{variable} is not set") from None
