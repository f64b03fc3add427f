"""The client API: one request in, one answer out, in the order the real server checks things."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from vnfm.sandbox.cloudstack import catalogue, signature, throttle
from vnfm.sandbox.cloudstack.commands import HANDLERS
from vnfm.sandbox.cloudstack.faults import Faults
from vnfm.sandbox.cloudstack.jobs import Jobs, Submission
from vnfm.sandbox.cloudstack.markup import render
from vnfm.sandbox.cloudstack.model import User
from vnfm.sandbox.cloudstack.refusal import Json, Refusal, broken, unavailable, unverified
from vnfm.sandbox.cloudstack.request import Call, check, unpack
from vnfm.sandbox.cloudstack.world import World

LOG = logging.getLogger(__name__)
JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "text/xml;charset=utf-8"


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes
    description: str | None = None


@dataclass
class Api:
    """The emulated server behind its socket."""

    world: World
    faults: Faults
    jobs: Jobs
    known: catalogue.Catalogue = field(default_factory=catalogue.load)
    calls: dict[str, int] = field(default_factory=dict)

    async def answer(self, method: str, params: Mapping[str, str]) -> Answer:
        """Never raises: a refusal becomes the error envelope, and what is unforeseen a 530."""
        lowered = {name.lower(): value for name, value in params.items()}
        command = lowered.get("command", "")
        self.calls[command] = self.calls.get(command, 0) + 1
        as_json = lowered.get("response", "").lower() == "json"
        user: User | None = None
        try:
            user = self.identify(method, params, lowered, command)
            self.admit(user, command)
            body = await self.execute(user, command, params)
        except Refusal as refusal:
            return self.refuse(refusal, command, user, as_json)
        except Exception:
            LOG.exception("the emulator's own fault in %s", command)
            return self.refuse(broken(f"unforeseen in {command}", 0), command, user, as_json)
        return write(200, self.known.answer_key(command), body, as_json)

    def identify(
        self, method: str, params: Mapping[str, str], lowered: Mapping[str, str], command: str
    ) -> User:
        """Who calls; all that is wrong with credentials is one and the same 401."""
        known = self.known.knows(command)
        if not known:
            raise unverified(False)
        enforced = self.world.settings.flag("enforce.post.requests.and.timestamps")
        user = self.world.by_key.get(lowered.get("apikey", ""))
        if user is None or user.state != "enabled" or "signature" not in lowered:
            raise unverified(known)
        self.world.clock.skew = self.world.settings.number("sandbox.clock.skew")
        signature.check_life(lowered, self.world.clock.wire(), enforced, known)
        signature.verify(params, user.secret, known)
        signature.need_post(method, command, enforced)
        return user

    def admit(self, user: User, command: str) -> None:
        """Role, then rate limit."""
        kind = user.account.kind
        entry = self.known.commands.get(command)
        allowed = entry.open_to(kind) if entry else kind == "admin" or kind in self.known.unbuilt[command]
        if not allowed:
            # the id in the text is neither the caller's nor the same twice
            raise unavailable(
                f"The API [{command}] does not exist or is not available for the account for user id"
                f" [{self.world.birth(self.world.events).id}]."
            )
        throttle.count(self.world, user.account)

    async def execute(self, user: User, command: str, params: Mapping[str, str]) -> Json:
        handler = HANDLERS.get(command)
        if handler is None:
            raise Refusal(530, f"The sandbox does not serve {command}", 9999)
        entry = self.known.commands[command]
        scalars, maps = unpack(params)
        check(entry, scalars, maps, self.world)
        call = Call(entry, self.world, user, scalars, maps)
        result = await handler(call)
        if isinstance(result, Submission):
            return self.jobs.submit(call, result)
        return result

    def refuse(self, refusal: Refusal, command: str, user: User | None, as_json: bool) -> Answer:
        root = user is not None and user.account.kind == "admin"
        key = self.known.answer_key(command) if refusal.known else "errorresponse"
        body = refusal.body(root)
        # 400 and 401 come without the header that repeats the text
        text = None if refusal.code in (400, 401) else str(body["errortext"])
        return write(refusal.code, key, body, as_json, text)


def write(status: int, key: str, body: Json, as_json: bool, description: str | None = None) -> Answer:
    """XML is the default of the real server, too."""
    if as_json:
        return Answer(status, JSON_TYPE, orjson.dumps({key: body}), description)
    return Answer(status, XML_TYPE, render(key, body).encode(), description)
