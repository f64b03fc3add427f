"""Requests to the endpoints of subscribers: the test when one subscribes, and notifications.

Every address is vetted at every request (``outbound``), redirects are not followed, and whatever goes wrong
becomes a sentence without secrets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vnfm.domain.authentication import AuthType, Way
from vnfm.errors import VnfmError
from vnfm.outbound import Outbound, exchange
from vnfm.outbound.credentials import Basic, ClientCredentials, Credentials, NoCredentials
from vnfm.outbound.network import deadline

_WHO = "the subscriber"
#: Bytes of an answer that are read; what it says is for people only.
_ANSWER_LIMIT = 64 * 1024
_LONGEST_PROBLEM = 400


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a request. ``status`` None: no answer. ``problem`` None: it was taken."""

    status: int | None
    problem: str | None


class Callbacks:
    """Calls endpoints through ``outbound``. A call has ``limit`` seconds for everything together: the token,
    the request and the answer, and both again after a 401."""

    def __init__(self, outbound: Outbound, limit: float) -> None:
        self._outbound = outbound
        self._limit = limit

    def credentials(self, way: Way) -> Credentials:
        """What makes the Authorization header; ``VnfmError`` if the token endpoint may not be called."""
        if way.kind is AuthType.BASIC:
            return Basic(way.params["userName"], way.params["password"])
        if way.kind is AuthType.OAUTH2:
            url = way.params["tokenEndpoint"]
            line = self._outbound.line(url)
            return ClientCredentials(
                line, url, way.params["clientId"], way.params["clientPassword"], whom=_WHO
            )
        return NoCredentials()

    def notify(self, uri: str, credentials: Credentials, version: str, body: bytes) -> Outcome:
        """POST one notification; any 2xx takes it, though the standard has only 204."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Version": version}
        return self._call("POST", uri, credentials, headers, body)

    def test(self, uri: str, credentials: Credentials) -> Outcome:
        """GET the endpoint, as SOL013 8.2 has it; 204 is expected."""
        return self._call("GET", uri, credentials, {"Accept": "application/json"}, None)

    def _call(
        self,
        method: str,
        uri: str,
        credentials: Credentials,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> Outcome:
        try:
            with deadline(self._limit):
                reply, shown = self._send(method, uri, credentials, headers, body)
                if reply.status == 401 and credentials.refused(shown):
                    reply, _ = self._send(method, uri, credentials, headers, body)
        except VnfmError as exc:
            return Outcome(None, credentials.redact(exc.detail)[:_LONGEST_PROBLEM])
        if 200 <= reply.status < 300:
            return Outcome(reply.status, None)
        said = credentials.redact(str(exchange.read_problem(reply)["detail"]))
        return Outcome(reply.status, f"{_WHO} answered {reply.status}: {said}"[:_LONGEST_PROBLEM])

    def _send(
        self,
        method: str,
        uri: str,
        credentials: Credentials,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> tuple[exchange.Answer, str | None]:
        line = self._outbound.line(uri)
        proof = credentials.header()
        shown = {**headers, "Accept-Encoding": "identity", **({"Authorization": proof} if proof else {})}
        request = line.client.build_request(method, uri, headers=shown, content=body)
        return exchange.glance(line, request, _ANSWER_LIMIT, _WHO), proof


class Probe:
    """The test of an endpoint when somebody subscribes (SOL013 8.2): GET, and 204 is the answer.

    ``tolerated`` are further statuses that pass; they show at least that somebody is there.
    """

    def __init__(self, callbacks: Callbacks, tolerated: Collection[int]) -> None:
        self._callbacks = callbacks
        self._passing = frozenset(tolerated) | {204}

    def refusal(self, uri: str, way: Way) -> str | None:
        """Why the endpoint fails the test when we prove who we are in this way, or None."""
        try:
            credentials = self._callbacks.credentials(way)
        except VnfmError as exc:
            return exc.detail
        outcome = self._callbacks.test(uri, credentials)
        if outcome.status in self._passing:
            return None
        return outcome.problem or f"{_WHO} answered {outcome.status}, and 204 is expected"
