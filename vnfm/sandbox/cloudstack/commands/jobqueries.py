"""What became of a job; what the server logged."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import may_touch, scope_of
from vnfm.sandbox.cloudstack.clock import stamp
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import holds, page, same
from vnfm.sandbox.cloudstack.refusal import Json, denied
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_vm import ownership
from vnfm.sandbox.cloudstack.world import World


async def query(call: Call) -> Json:
    job = call.need("jobid", call.world.jobs)
    if not may_touch(call, job.owner):
        raise denied()
    return show_job(call.world, job)


def show_job(world: World, job: model.Job) -> Json:
    """A job cut off by a restart has no result and keeps the server's name; an ended one loses it."""
    owner = job.owner
    shown: Json = {"accountid": owner.id, "account": owner.name, "domainid": owner.domain.id}
    shown |= {"domainpath": owner.domain.path, "userid": job.user.id, "cmd": job.java}
    shown |= {"jobprocstatus": 0, "jobresultcode": job.code}
    if job.result is not None:
        shown |= {"jobresulttype": "object", "jobresult": job.result}
    if job.kind is not None:
        shown["jobinstancetype"] = job.kind
    if job.row is not None and job.shows_row:
        shown["jobinstanceid"] = job.row.id
    if job.status == 0 or job.cut_off:
        shown |= {"managementserverid": world.server_id, "managementservername": "localhost"}
    shown["created"] = stamp(job.created)
    if job.completed is not None:
        shown["completed"] = stamp(job.completed)
    return shown | {"jobid": job.id, "jobstatus": job.status}


async def list_jobs(call: Call) -> Json:
    """Pending jobs only."""
    shows = scope_of(call)
    rows = [job for job in call.world.jobs if job.status == 0 and shows(job.owner)]
    return page(call, rows, lambda job: show_job(call.world, job))


async def list_events(call: Call) -> Json:
    """Page 1 holds the newest events, but the oldest of them first."""
    shows = scope_of(call)
    rows = [
        event
        for event in reversed(list(call.world.events))
        if shows(event.owner)
        and same(call.text("id"), event.id)
        and same(call.text("type"), event.type)
        and same(call.text("level"), event.level)
        and same(call.text("state"), event.state)
        and same(call.text("resourceid"), event.resource.id)
        and same(call.text("resourcetype"), event.resource_type)
        and holds(call.text("keyword"), event.text)
    ]
    answer = page(call, rows, show_event)
    shown = answer.get("event")
    if isinstance(shown, list):
        shown.reverse()
    return answer


def show_event(event: model.Event) -> Json:
    shown: Json = {"id": event.id, "username": event.username, "type": event.type, "level": event.level}
    shown |= {"description": event.text, **ownership(event.owner), "resourceid": event.resource.id}
    shown |= {"resourcetype": event.resource_type, "resourcename": event.resource_name}
    shown |= {"created": stamp(event.created), "state": event.state}
    if event.parent is not None:
        shown["parentid"] = event.parent
    return shown


HANDLERS: Handlers = {"queryAsyncJobResult": query, "listAsyncJobs": list_jobs, "listEvents": list_events}
