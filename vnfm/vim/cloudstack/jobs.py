"""Turns answers into outcomes, and asks how a job stands.

The job we hand out is ``command jobid resource``: opaque to the caller, and enough to name the command
in an error after the server forgot the job, and the resource when the result does not carry its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vnfm.vim.cloudstack import errors
from vnfm.vim.cloudstack.client import Client, Row, Value, number
from vnfm.vim.port import Failed, Finished, Outcome, Started

RUNNING, SUCCEEDED = 0, 1


def submit(
    client: Client, command: str, params: Mapping[str, Value], resource_id: str | None = None
) -> Outcome:
    """Send a command with effect. ``resource_id`` is the thing acted on, where nothing new is made."""
    answer = client.act(command, params)
    made = answer.get("id")
    known = str(made) if made else resource_id
    job = answer.get("jobid")
    if job and not _object(answer):
        return Started(f"{command} {job} {known or '-'}", known, str(job))
    if str(answer.get("success", "true")).lower() == "false":
        return errors.failed(command, errors.INTERNAL, errors.clean(answer.get("displaytext")))
    return Finished(_object_id(answer) or known)


def poll(client: Client, job: str) -> Outcome:
    """How the job stands. A job that the server forgot (431) or cut off says nothing about its object."""
    command, job_id, resource = _parse(job)
    try:
        answer = client.read("queryAsyncJobResult", jobid=job_id)
    except errors.Refused as exc:
        if exc.code != errors.PARAMETER:
            raise
        return Failed(exc.code, "the job is no longer known", command, interrupted=True)
    status = number(answer.get("jobstatus"), RUNNING)
    result = answer.get("jobresult")
    if status == RUNNING:
        return Started(job, resource, job_id)
    if status == SUCCEEDED:
        # The id of the submit answer first: an expunge's result has none, and jobinstanceid can be wrong.
        return Finished(resource or _object_id(result))
    code = number(answer.get("jobresultcode"), errors.INTERNAL)
    if not isinstance(result, Mapping):
        return Failed(code, "the management server was restarted meanwhile", command, interrupted=True)
    code = number(result.get("errorcode"), code)
    return errors.failed(command, code, errors.clean(result.get("errortext")))


def _parse(job: str) -> tuple[str, str, str | None]:
    words = job.split(" ")
    if len(words) != 3:
        return "unknown command", job, None
    return words[0], words[1], None if words[2] == "-" else words[2]


def _object(answer: Row) -> Row | None:
    """The single object below the envelope (``{"network": {…}}``), if the answer has that shape."""
    inner = [value for value in answer.values() if isinstance(value, Mapping)]
    return inner[0] if len(inner) == 1 else None


def _object_id(answer: Any) -> str | None:  # Any: a jobresult can be any JSON
    row = _object(answer) if isinstance(answer, Mapping) else None
    found = row.get("id") if row is not None else None
    return str(found) if found else None
