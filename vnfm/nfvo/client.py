"""The NFVO over HTTP: SOL003 grant and VNF package management interfaces, consumer side.

Made by bootstrap with a ``Line`` from ``outbound`` (time-outs, TLS, breaker). Nothing is retried
here except once with a fresh token after a 401; the engine repeats what was ``Temporary``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import orjson

from vnfm.errors import Permanent
from vnfm.nfvo.grant import renewed
from vnfm.nfvo.port import GrantAnswer, Granted, Onboarded, Pending, Rejected
from vnfm.outbound import Line, exchange
from vnfm.outbound.credentials import Credentials
from vnfm.outbound.exchange import Answer

_JSON_LIMIT = 8 * 1024 * 1024
_POLL_PAUSE = 1.0
_WHO = "the NFVO"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the two interfaces are, and the versions spoken there (NFV 3.5.1 unless told otherwise)."""

    grant_root: str
    package_root: str
    grant_version: str = "1.5.0"
    package_version: str = "2.2.0"

    @classmethod
    def under(cls, api_root: str, grant_root: str = "", package_root: str = "") -> Endpoints:
        """Both at their standard places below one apiRoot (SOL013 4.1), or where they are instead."""
        root = api_root.rstrip("/")
        packages = (package_root or f"{root}/vnfpkgm/v2").rstrip("/")
        version = "1.3.0" if packages.endswith("/v1") else "2.2.0"
        return cls((grant_root or f"{root}/grant/v1").rstrip("/"), packages, package_version=version)

    @property
    def has_onboarded(self) -> bool:
        """Whether packages can be asked for by VNFD id. Version 1 has no standard for it in all its releases,
        and ONAP has none of it."""
        return not self.package_version.startswith("1.")


class NfvoClient:
    """Implements ``port.Nfvo``."""

    def __init__(
        self,
        line: Line,
        endpoints: Endpoints,
        credentials: Credentials,
        package_limit: int = 256 * 1024 * 1024,
    ) -> None:
        self._line = line
        self._endpoints = endpoints
        self._credentials = credentials
        self._package_limit = package_limit
        self._grants_url = httpx.URL(endpoints.grant_root.rstrip("/") + "/grants")

    def request_grant(self, request: Mapping[str, Any]) -> GrantAnswer:
        """POST /grants (SOL003 9.4.2.3.1)."""
        reply = self._send(
            "POST", str(self._grants_url), self._endpoints.grant_version, body=orjson.dumps(dict(request))
        )
        if reply.status == 202:
            location = reply.headers.get("Location")
            if not location:
                raise Permanent("the NFVO accepted the grant request with 202 but gave no Location to poll")
            return Pending(self._own(location), exchange.pause(reply, _POLL_PAUSE))
        return self._judge_grant(reply, str(request["vnfLcmOpOccId"]))

    def poll_grant(self, href: str) -> GrantAnswer:
        """GET /grants/{grantId} (SOL003 9.4.3.3.2)."""
        href = self._own(href)
        reply = self._send("GET", href, self._endpoints.grant_version)
        if reply.status == 202:
            return Pending(href, exchange.pause(reply, _POLL_PAUSE))
        return self._judge_grant(reply, None)

    def fetch_package(self, vnfd_id: str) -> Onboarded | None:
        """The content of an enabled package, found by GET /onboarded_vnf_packages/{vnfdId}, or, where there
        is no such thing, in the list of all (SOL003 10.4.2, 10.4.4, 10.4.6)."""
        find = self._find_onboarded if self._endpoints.has_onboarded else self._find_listed
        found = find(vnfd_id)
        if found is None:
            return None
        url, info = found
        content = self._get_package(
            f"{url}/package_content", accept="application/zip", limit=self._package_limit
        )
        if content.status == 404:
            return None
        self._require(content, 200, f"the content of the package of VNFD {vnfd_id}")
        identifier = info.get("id")
        return Onboarded(identifier if isinstance(identifier, str) else None, content.body)

    def _find_onboarded(self, vnfd_id: str) -> tuple[str, Mapping[str, Any]] | None:
        url = f"{self._endpoints.package_root}/onboarded_vnf_packages/{quote(vnfd_id, safe='')}"
        reply = self._get_package(url)
        if reply.status == 404:
            return None
        self._require(reply, 200, f"the package of VNFD {vnfd_id}")
        info = exchange.read_object(reply, _WHO)
        return (url, info) if _is_usable(info) else None

    def _find_listed(self, vnfd_id: str) -> tuple[str, Mapping[str, Any]] | None:
        url = f"{self._endpoints.package_root}/vnf_packages"
        reply = self._get_package(url)
        self._require(reply, 200, "the list of packages")
        for info in exchange.read_objects(reply, _WHO):
            if info.get("vnfdId") == vnfd_id and _is_usable(info):
                return f"{url}/{quote(str(info.get('id')), safe='')}", info
        return None

    def _get_package(self, url: str, *, accept: str = "application/json", limit: int = _JSON_LIMIT) -> Answer:
        """GET; ONAP's catalogue wants a Content-Type even where there is no content."""
        kind = "" if self._endpoints.has_onboarded else "application/json"
        version = self._endpoints.package_version
        return self._send("GET", url, version, accept=accept, limit=limit, content_type=kind)

    def _send(
        self,
        method: str,
        url: str,
        version: str,
        *,
        body: bytes | None = None,
        accept: str = "application/json",
        limit: int = _JSON_LIMIT,
        content_type: str = "",
    ) -> Answer:
        headers = {"Version": version, "Accept": f"{accept}, application/problem+json;q=0.5"}
        headers["Accept-Encoding"] = "identity"
        if body is not None or content_type:
            headers["Content-Type"] = content_type or "application/json"
        reply = self._send_once(method, url, headers, body, limit)
        if reply.status == 401 and self._credentials.refused(headers.get("Authorization")):
            reply = self._send_once(method, url, headers, body, limit)
        exchange.require_served(reply, _WHO, self._credentials.redact)
        return reply

    def _send_once(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, limit: int
    ) -> Answer:
        authorization = self._credentials.header()
        if authorization is not None:
            headers["Authorization"] = authorization
        request = self._line.client.build_request(method, url, headers=headers, content=body)
        return exchange.exchange(self._line, request, limit, _WHO)

    def _judge_grant(self, reply: Answer, operation_id: str | None) -> GrantAnswer:
        if reply.status == 403:
            problem = dict(exchange.read_problem(reply))
            problem["detail"] = self._credentials.redact(str(problem["detail"]))
            return Rejected(problem)
        if reply.status not in (200, 201):
            self._require(reply, 201, "the grant")
        grant = exchange.read_object(reply, _WHO)
        if not isinstance(grant.get("id"), str):
            raise Permanent("the NFVO answered with a Grant that has no id")
        if operation_id is not None and grant.get("vnfLcmOpOccId", operation_id) != operation_id:
            raise Permanent("the NFVO answered with the Grant of another operation")
        return Granted(renewed(grant))

    def _require(self, reply: Answer, status: int, what: str) -> None:
        if reply.status == status:
            return
        detail = self._credentials.redact(str(exchange.read_problem(reply)["detail"]))
        raise Permanent(f"the NFVO refused {what}: {reply.status} {detail}", status=reply.status)

    def _own(self, href: str) -> str:
        """``href`` made absolute; our token goes to no other place than the grants' own origin."""
        try:
            url = self._grants_url.join(href)
        except httpx.InvalidURL as exc:
            raise Permanent("the NFVO gave a Location for the grant that is no URL") from exc
        here = (self._grants_url.scheme, self._grants_url.host, self._grants_url.port)
        if (url.scheme, url.host, url.port) != here:
            raise Permanent(f"the NFVO sends us to another server for the grant: {url.host}")
        return str(url)


def _is_usable(info: Mapping[str, Any]) -> bool:
    return info.get("operationalState") == "ENABLED" and info.get("onboardingState") == "ONBOARDED"
