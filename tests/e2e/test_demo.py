"""``vnfm demo`` as a user runs it: real processes, emulated cloud."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from vnfm.sandbox.cloudstack.cloud import Cloud
from vnfm.sandbox.cloudstack.seed import RECORDED, read
from vnfm.sandbox.cloudstack.serve import Background

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "vnfm", "demo"]


def start(*options: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_the_demo_deploys_and_leaves_nothing(tmp_path: Path) -> None:
    demo = start("--package", "haproxy-lb", "--logs", str(tmp_path))
    said, _ = demo.communicate(timeout=180)
    assert demo.returncode == 0, said
    for words in (
        "INSTANTIATE COMPLETED",
        "✓ deploy_vnfc haproxy-0",
        "Running",
        "TERMINATE COMPLETED",
        "VnfIdentifierCreation",
        "INSTANTIATE: STARTING, PROCESSING, COMPLETED",
        "TERMINATE: STARTING, PROCESSING, COMPLETED",
        "VnfIdentifierDeletion",
        "CloudStack shows nothing of this VNF any more",
        "in all",
    ):
        assert words in said
    assert {path.name for path in tmp_path.iterdir()} == {
        "mongod.log",
        "cloudstack.log",
        "nfvo.log",
        "api.log",
        "worker.log",
        "relay.log",
    }


KINDS = ("vms", "volumes", "networks", "affinitygroups", "securitygroups")


def things(cloud: Background) -> set[str]:
    """Ids of all that a demo could leave behind, Destroyed included."""
    world = httpx.get(f"{cloud.control_url}/world").json()
    return {row["id"] for kind in KINDS for row in world[kind]}


@pytest.mark.parametrize(("user", "package"), [("alice", "edge-firewall"), ("admin", "haproxy-lb")])
def test_the_same_against_a_cloud_of_somebody_elses(user: str, package: str) -> None:
    """A plain 4.22 as it was recorded: one template, no networks of this user, nothing but the keys given."""
    with Background(Cloud([read(RECORDED)], job_seconds=0.1)) as cloud:
        before = things(cloud)
        keys = httpx.get(f"{cloud.control_url}/credentials").json()[user]
        given = {"CLOUDSTACK_API_KEY": keys["apikey"], "CLOUDSTACK_SECRET_KEY": keys["secret"]}
        demo = start("--package", package, "--cloudstack-url", cloud.url, **given)
        said, _ = demo.communicate(timeout=180)
        assert demo.returncode == 0, said
        assert "stands in" in said, "the only template, for images that the cloud does not have"
        assert "CloudStack shows nothing of this VNF any more" in said
        assert keys["secret"] not in said
        calls = httpx.get(f"{cloud.control_url}/calls").json()
        assert calls["deployVirtualMachine"] == (3 if package == "edge-firewall" else 1)
        assert things(cloud) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--package", "nothing"], "the NFVO has no package nothing"),
        (["--flavour", "nothing"], "no flavour nothing"),
        (["--cloudstack-url", "http://127.0.0.1:1"], "CLOUDSTACK_API_KEY"),
    ],
)
def test_a_failure_says_why(tmp_path: Path, options: list[str], words: str) -> None:
    demo = start(*options, "--logs", str(tmp_path), CLOUDSTACK_API_KEY="", CLOUDSTACK_SECRET_KEY="")
    said, _ = demo.communicate(timeout=120)
    assert demo.returncode == 1, said
    assert words in said


def wait_for(words: str, demo: subprocess.Popen[str]) -> str:
    """Read its output until it says ``words``."""
    said = ""
    assert demo.stdout is not None
    for text in demo.stdout:
        said += text
        if words in text:
            return said
    raise AssertionError(said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_every_process(tmp_path: Path, number: signal.Signals) -> None:
    demo = start("--logs", str(tmp_path))
    wait_for("== instantiate", demo)
    started = children(demo.pid)
    assert len(started) == 6
    demo.send_signal(number)
    demo.communicate(timeout=60)
    assert demo.returncode == 130
    assert not [pid for pid in started if is_running(pid)]


def test_keep_leaves_it_running_and_tells_how_to_stop() -> None:
    demo = start("--keep")
    said, _ = demo.communicate(timeout=180)
    assert demo.returncode == 0, said
    stop = re.search(r"kill ([\d ]+); sleep 3; (rm -r \S+)", said)
    assert stop is not None
    pids = [int(text) for text in stop[1].split()]
    try:
        assert len(pids) == 6
        assert all(is_running(pid) for pid in pids)
    finally:
        subprocess.run(["sh", "-c", stop[0]], check=True)
    deadline = time.monotonic() + 30
    while any(is_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [pid for pid in pids if is_running(pid)]
    assert not Path(stop[2].removeprefix("rm -r ")).exists()
