"""The adapter reads what a real server answered. Collected only beside the reference recordings."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.vim.api import CATALOGUE, FakeApi, reference
from vnfm.errors import Permanent, Temporary, VnfmError
from vnfm.vim.cloudstack import server
from vnfm.vim.cloudstack.explanations import EXPLANATIONS, explain
from vnfm.vim.port import Failed, Finished, Started

FOLDER = reference()


def exchanges() -> list[Any]:
    """Every recorded exchange with a JSON answer."""
    assert FOLDER is not None
    found = []
    for file in sorted((FOLDER / "cloudstack" / "transcripts").glob("*.json")):
        for index, item in enumerate(json.loads(file.read_text())):
            if isinstance(item.get("json"), dict) and item.get("params"):
                found.append((f"{file.stem} {index}", item))
    return found


def inner(item: Any) -> Any:
    return next(iter(item["json"].values()))


if FOLDER is not None:
    EXCHANGES = exchanges()

    def test_every_refusal_becomes_an_error_of_ours_with_its_code() -> None:
        seen = 0
        api = FakeApi()
        client = api.connect().site.client
        for name, item in EXCHANGES:
            if item["status"] == 200:
                continue
            command = item["params"]["command"]
            command = command if command in CATALOGUE else "listZones"
            api.on(command, httpx.Response(item["status"], json=item["json"]))
            with pytest.raises(VnfmError) as caught:
                client._call(command, {})
            assert isinstance(caught.value, Temporary if item["status"] == 429 else Permanent), name
            assert caught.value.facts["vimErrorCode"] == item["status"], name
            seen += 1
        assert seen > 100

    def test_every_job_has_an_outcome() -> None:
        seen = {Started: 0, Finished: 0, Failed: 0}
        cut_off = 0
        api = FakeApi()
        vim = api.connect()
        for name, item in EXCHANGES:
            if item["params"]["command"] != "queryAsyncJobResult" or item["status"] != 200:
                continue
            api.on("queryAsyncJobResult", inner(item))
            outcome = vim.poll("some job-1 -")
            expected = {0: Started, 1: Finished, 2: Failed}[inner(item)["jobstatus"]]
            assert isinstance(outcome, expected), name
            seen[expected] += 1
            if isinstance(outcome, Failed):
                assert outcome.interrupted is ("jobresult" not in inner(item)), name
                cut_off += outcome.interrupted
        assert min(seen.values()) > 40
        assert cut_off == 5

    #: What CloudStack says well enough itself, or hides.
    PLAIN = ("Unable to find UUID", "entity does not", "CIDRs formatting", "is not supported in zone",
             "Internal error", "not attached to a")  # fmt: skip

    def test_every_refused_change_is_explained() -> None:
        explained = 0
        submitted: dict[str, str] = {}
        for name, item in EXCHANGES:
            command, answer = item["params"].get("command", ""), inner(item)
            if command == "queryAsyncJobResult":
                command = submitted.get(answer.get("jobid"), command)
            elif "jobid" in answer:
                submitted[answer["jobid"]] = command
            text = answer.get("errortext") or (answer.get("jobresult") or {}).get("errortext")
            if command not in EXPLANATIONS or not text or any(words in text for words in PLAIN):
                continue
            assert explain(command, text), (name, command, text)
            explained += 1
        assert explained > 30

    def test_a_finished_deploy_names_its_server_and_its_nics_in_order() -> None:
        seen = 0
        for name, item in EXCHANGES:
            row = (
                (inner(item).get("jobresult") or {}).get("virtualmachine") if item["status"] == 200 else None
            )
            if not row or not row.get("id") or not str(inner(item).get("cmd")).endswith("DeployVMCmd"):
                continue
            read = server.server(row)
            assert read.id == inner(item)["jobinstanceid"], name
            assert [nic.is_default for nic in read.nics] == [True] + [False] * (len(read.nics) - 1), name
            assert read.in_service is (row["state"] == "Running"), name
            seen += 1
        assert seen > 20

    def test_every_listed_server_is_understood() -> None:
        rows = [
            (name, row)
            for name, item in EXCHANGES
            if item["params"]["command"] == "listVirtualMachines" and item["status"] == 200
            for row in inner(item).get("virtualmachine", [])
        ]
        for name, row in rows:
            read = server.server(row)
            assert read.state != "Running" or read.in_service, name
            assert read.state != "Error" or not read.in_service, name
        assert len(rows) > 50
