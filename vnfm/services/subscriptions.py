"""Subscriptions to life-cycle changes, and how their deliveries stand (SOL003 5.4.18, 5.4.19)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from vnfm.domain import authentication, etag
from vnfm.domain import subscription as rules
from vnfm.domain.authentication import Way
from vnfm.domain.delivery import Backlog, Parked
from vnfm.domain.event import SetAside
from vnfm.domain.principal import Principal
from vnfm.domain.query import Query
from vnfm.domain.subscription import Subscription, Verbosity
from vnfm.errors import BadRequest, NotFound, PreconditionFailed, Unprocessable
from vnfm.outbound.destinations import names
from vnfm.services.deps import Deps

#: Sees the deliveries of the whole tenant; others see their own.
_OPERATOR = "operator"


def create(deps: Deps, principal: Principal, api: str, body: Mapping[str, Any]) -> tuple[Subscription, bool]:
    """A new subscription and True; or the one with the same callback URI and filter that the client has
    already, and False (SOL013 8.2). BadRequest for a filter that contradicts itself; Unprocessable if we
    cannot prove who we are in any way that is offered, or if the endpoint fails its test."""
    wanted = body.get("filter") or {}
    reason = rules.conflict(wanted)
    if reason is not None:
        raise BadRequest(reason)
    asked = Subscription(
        id=deps.new_id(),
        tenant=principal.tenant,
        client=principal.client,
        api=api,
        callback_uri=body["callbackUri"],
        filter=wanted,
        verbosity=Verbosity(body.get("verbosity", Verbosity.FULL)),
        omit_time_stamp=_is_listed(body["callbackUri"], deps.settings.omit_time_stamp),
        created=deps.clock(),
    )
    twin = deps.subscriptions.twin(principal.tenant, asked)
    if twin is not None:
        return twin, False
    way = _choose_way(deps, asked.callback_uri, body.get("authentication"))
    return _store(deps, asked, way)


def _is_listed(uri: str, hosts: Sequence[str]) -> bool:
    host = (urlsplit(uri).hostname or "").lower()
    return any(names(entry, host) for entry in hosts)


def _choose_way(deps: Deps, uri: str, offered: Mapping[str, Any] | None) -> Way:
    """The first way in which the endpoint passes its test."""
    has_identity = bool(deps.settings.client_cert_file)
    ways = authentication.ways(offered, uri, has_identity=has_identity)
    if not ways:
        raise Unprocessable(authentication.refusal(offered or {}))
    reasons = []
    for way in ways:
        reason = deps.probe.refusal(uri, way)
        if reason is None:
            return way
        reasons.append(f"with {way.kind}: {reason}" if way.kind else reason)
    raise Unprocessable(f"callbackUri: the endpoint failed its test: {'; '.join(reasons)}")


def _store(deps: Deps, asked: Subscription, way: Way) -> tuple[Subscription, bool]:
    """Secrets first: a relay that sees the subscription finds them."""
    made = rules.authenticated(asked, way.kind)
    name = rules.secret_name(made.id)
    if way.params:
        deps.secrets.put(made.tenant, name, way.params)
    if deps.subscriptions.insert(made.tenant, made):
        return made, True
    deps.secrets.delete(made.tenant, name)
    twin = deps.subscriptions.twin(made.tenant, made)
    return (made, True) if twin is None else (twin, False)


def get(deps: Deps, principal: Principal, api: str, subscription_id: str) -> Subscription:
    """The subscription; NotFound if this client has none of that id in this API."""
    found = deps.subscriptions.get(principal.tenant, subscription_id)
    if found is None or (found.client, found.api) != (principal.client, api):
        raise NotFound(f"there is no subscription {subscription_id}")
    return found


def page(deps: Deps, principal: Principal, api: str, query: Query) -> list[Subscription]:
    """Those that the query asks for, of what this client has in this API."""
    return deps.subscriptions.page(principal.tenant, principal.client, api, query)


def delete(deps: Deps, principal: Principal, api: str, subscription_id: str) -> None:
    """Tell it nothing more, not even what waits."""
    found = get(deps, principal, api, subscription_id)
    deps.subscriptions.delete(found.tenant, found.id)
    deps.notifications.forget(found.id)
    deps.secrets.delete(found.tenant, rules.secret_name(found.id))


# How deliveries stand: our own API.


def deliveries(deps: Deps, principal: Principal) -> list[tuple[Subscription, Backlog | None]]:
    """Every subscription that the caller may look after, with what waits and what was given up."""
    client = None if _OPERATOR in principal.roles else principal.client
    found = deps.subscriptions.list_all(principal.tenant, client)
    backlogs = deps.notifications.backlogs(principal.tenant, [one.id for one in found])
    return [(one, backlogs.get(one.id)) for one in found]


def delivery(deps: Deps, principal: Principal, subscription_id: str) -> tuple[Subscription, Backlog | None]:
    """The same of one; NotFound if the caller may not look after it."""
    found = deps.subscriptions.get(principal.tenant, subscription_id)
    if found is None or (_OPERATOR not in principal.roles and found.client != principal.client):
        raise NotFound(f"there is no subscription {subscription_id}")
    return found, deps.notifications.backlogs(principal.tenant, [found.id]).get(found.id)


def version(found: Subscription, backlog: Backlog | None) -> str:
    """Differs whenever how the deliveries stand does; what else a subscription is never changes."""
    text = repr((found.omit_time_stamp, backlog or Backlog(found.id)))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def set_time_stamp(
    deps: Deps, principal: Principal, subscription_id: str, if_match: str | None, *, omit: bool
) -> None:
    """Leave timeStamp out of this subscriber's notifications, or not; also of those that wait.
    PreconditionFailed if the caller knows other versions of the delivery only."""
    found, backlog = delivery(deps, principal, subscription_id)
    changes = {"omit_time_stamp": omit}
    if if_match is None:
        if not deps.subscriptions.change(found.tenant, found.id, changes):
            raise NotFound(f"there is no subscription {subscription_id}")
        return
    seen = {"omit_time_stamp": found.omit_time_stamp}
    is_known = etag.is_known(version(found, backlog), if_match)
    if not is_known or not deps.subscriptions.change(found.tenant, found.id, changes, seen):
        raise PreconditionFailed("the delivery has changed since it was read")


def parked(deps: Deps, principal: Principal) -> list[Parked]:
    """What was given up, of all subscriptions that the caller may look after."""
    ids = [one.id for one, backlog in deliveries(deps, principal) if backlog and backlog.parked]
    return deps.notifications.parked(principal.tenant, ids)


def replay(deps: Deps, principal: Principal, subscription_id: str) -> None:
    """Send again what was given up of this subscription, in its place among what waits."""
    found, _ = delivery(deps, principal, subscription_id)
    deps.notifications.replay(found.tenant, found.id)


def replay_one(deps: Deps, principal: Principal, parked_id: str) -> None:
    """Send one notification again that was given up; NotFound if there is no such."""
    subscription_id, _, notification_id = parked_id.partition(".")
    found, _ = delivery(deps, principal, subscription_id)
    if not deps.notifications.replay(found.tenant, found.id, frozenset({notification_id})):
        raise NotFound(f"there is no parked notification {parked_id}")


def alarms(deps: Deps, principal: Principal) -> list[tuple[Subscription, Backlog]]:
    """Subscriptions with something that was given up and has not been replayed."""
    return [(one, backlog) for one, backlog in deliveries(deps, principal) if backlog and backlog.parked]


def set_aside(deps: Deps, principal: Principal) -> list[SetAside]:
    """Operations and instances of which nobody can be told; operators see them."""
    if _OPERATOR not in principal.roles:
        return []
    return [one for box in deps.outboxes for one in box.aside(principal.tenant)]
