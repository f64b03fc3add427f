"""Jobs as the recordings show them."""

from typing import Any

import pytest

from tests.unit.vim.api import FakeApi, Refusal, ready
from vnfm.errors import Permanent
from vnfm.vim.port import Failed, Finished, Started

JOB = "deployVirtualMachine job-1 vm-1"
#: A job cut off by a restart of the management server (recording restart 13): no jobresult at all.
CUT_OFF = {"jobstatus": 2, "jobresultcode": 530, "jobprocstatus": 0, "managementservername": "localhost"}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"jobstatus": 0, "jobresultcode": 0}, Started(JOB, "vm-1")),
        ({"jobstatus": 1, "jobresult": {"virtualmachine": {"id": "vm-1"}}}, Finished("vm-1")),
        # Expunge: the result has neither id nor name.
        ({"jobstatus": 1, "jobresult": {"virtualmachine": {"nic": [], "tags": []}}}, Finished("vm-1")),
        ({"jobstatus": 1, "jobresult": {"success": True}}, Finished("vm-1")),
        (
            {"jobstatus": 2, "jobresultcode": 533, "jobresult": {"errorcode": 533, "errortext": "no room"}},
            Failed(533, "no room", "deployVirtualMachine", explanation="no host, address or VLAN has room"),
        ),
        (
            {"jobstatus": 3, "jobresultcode": 530, "jobresult": {"errorcode": 530, "errortext": "off"}},
            Failed(530, "off", "deployVirtualMachine"),
        ),
        (
            CUT_OFF,
            Failed(530, "the management server was restarted meanwhile", "deployVirtualMachine", True),
        ),
        (
            Refusal(431, "entity does not exist", 9999),
            Failed(431, "the job is no longer known", "deployVirtualMachine", True),
        ),
    ],
)
def test_a_job_stands_so(answer: Any, outcome: object) -> None:
    api = FakeApi().on("queryAsyncJobResult", answer)
    assert api.connect().poll(JOB) == outcome
    assert api.sent("queryAsyncJobResult") == {"jobid": "job-1"}


def test_people_see_the_job_as_cloudstack_shows_it() -> None:
    api = ready().on("rebootVirtualMachine", {"jobid": "job-1"})
    begun = api.on("queryAsyncJobResult", {"jobstatus": 0}).connect().reboot_server("vm-1")
    assert isinstance(begun, Started)
    going_on = api.connect().poll(begun.job)
    assert isinstance(going_on, Started)
    assert (begun.vim_job, going_on.vim_job) == ("job-1", "job-1")


def test_a_failed_job_is_explained_where_the_text_says_too_little() -> None:
    text = "NIC cannot be added to VM with VM Snapshots"
    answer = {"jobstatus": 2, "jobresultcode": 431, "jobresult": {"errorcode": 431, "errortext": text}}
    outcome = FakeApi().on("queryAsyncJobResult", answer).connect().poll("addNicToVirtualMachine job-1 vm-1")
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.text) == (431, text)
    assert "remove its snapshots first" in outcome.explanation


def test_a_bare_job_id_is_understood_and_takes_the_id_of_the_result_not_of_the_instance() -> None:
    result = {"nicsecondaryip": {"id": "right"}}
    answer = {"jobstatus": 1, "jobresult": result, "jobinstanceid": "wrong"}
    api = FakeApi().on("queryAsyncJobResult", answer)
    assert api.connect().poll("job-1") == Finished("right")


def test_another_refusal_of_the_question_is_an_error() -> None:
    api = FakeApi().on("queryAsyncJobResult", Refusal(401))
    with pytest.raises(Permanent):
        api.connect().poll(JOB)
