"""What a VimConnection says about a CloudStack, read once and checked (docs/reference/vim-connection.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vnfm.errors import Permanent
from vnfm.vim.port import Scope, VimConnection

_API_PATH = "/client/api"


@dataclass(frozen=True, slots=True)
class Settings:
    """The connection in our words. Names and ids are interchangeable wherever CloudStack has both."""

    endpoint: str
    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    zone: str | None = None
    project: str | None = None
    domain: str | None = None
    account: str | None = None
    network_offering: str | None = None
    l2_network_offering: str | None = None
    disk_offering: str | None = None
    service_offerings: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    ssh_key_pair: str | None = None
    cpu_speed: int | None = None
    ca_certificate: str | None = None
    encoded_responses: bool = False
    #: Whether a server is refused rather than placed against an (anti-)affinity rule.
    strict_placement: bool = True


def parse(connection: VimConnection, scope: Scope) -> Settings:
    """Read ``connection``; what ``scope`` says (from the grant) comes before what ``extra`` says."""
    extra = connection.extra
    interface, access = _endpoint_named(connection.interface), _keys_named(connection.access)
    return Settings(
        endpoint=_endpoint(_required(connection, "interfaceInfo", interface, "endpoint")),
        api_key=_required(connection, "accessInfo", access, "apiKey"),
        secret=_required(connection, "accessInfo", access, "secretKey"),
        zone=scope.zone or _text(extra, "zoneId") or _text(extra, "zone"),
        project=scope.project
        or _text(extra, "projectId")
        or _text(extra, "project")
        or _text(connection.access, "projectId"),
        domain=scope.domain or _text(extra, "domainId") or _text(extra, "domain"),
        account=scope.account or _text(extra, "account"),
        network_offering=_text(extra, "networkOffering"),
        l2_network_offering=_text(extra, "l2NetworkOffering"),
        disk_offering=_text(extra, "diskOffering"),
        service_offerings=_map(extra, "serviceOfferings"),
        templates=_map(extra, "templates"),
        ssh_key_pair=_text(extra, "sshKeyPair"),
        cpu_speed=_number(extra, "cpuSpeed"),
        ca_certificate=_text(extra, "caCertificate"),
        encoded_responses=extra.get("encodedResponses") is True,
        strict_placement=_placement(extra) == "strict",
    )


def _placement(extra: Mapping[str, Any]) -> str:
    value = _text(extra, "placement") or "strict"
    if value not in {"strict", "preferred"}:
        raise Permanent(f"'placement' of the VIM connection is {value!r}; it must be strict or preferred")
    return value


def _endpoint_named(interface: Mapping[str, Any]) -> Mapping[str, Any]:
    """ONAP has one name for the endpoint of every VIM type."""
    return {"endpoint": interface.get("identityEndPoint"), **interface}


def _keys_named(access: Mapping[str, Any]) -> Mapping[str, Any]:
    """ONAP has ``credentials`` of every VIM type as a name and a password: for CloudStack, the two keys."""
    credentials = access.get("credentials")
    if not isinstance(credentials, Mapping):
        return access
    named = {"apiKey": credentials.get("username"), "secretKey": credentials.get("password")}
    return {**named, **access}


def _required(connection: VimConnection, attribute: str, source: Mapping[str, Any], name: str) -> str:
    value = _text(source, name)
    if value is None:
        raise Permanent(f"The VIM connection '{connection.id}' lacks {attribute}.{name}")
    return value


def _text(source: Mapping[str, Any], name: str) -> str | None:
    value = source.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Permanent(f"'{name}' of the VIM connection must be a string")
    return value


def _number(source: Mapping[str, Any], name: str) -> int | None:
    value = source.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal():
        raise Permanent(f"'{name}' of the VIM connection must be a whole number")
    return int(str(value))


def _map(source: Mapping[str, Any], name: str) -> Mapping[str, str]:
    value = source.get(name) or {}
    if not isinstance(value, Mapping) or not all(isinstance(item, str) for item in value.values()):
        raise Permanent(f"'{name}' of the VIM connection must map names to names or ids")
    return {str(key): str(item) for key, item in value.items()}


def _endpoint(url: str) -> str:
    """``http://host:8080`` and ``…/client`` are completed to ``…/client/api``."""
    url = url.rstrip("/")
    if url.endswith("/client"):
        return url + "/api"
    return url if "/" in url.partition("://")[2] else url + _API_PATH
