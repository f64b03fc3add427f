"""What an operator is told when a process of ours cannot start: by ``vnfm`` itself, against a real mongod."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from vnfm import bootstrap, cli
from vnfm.outbound import Destinations, Outbound
from vnfm.sandbox.mongod import find_mongod
from vnfm.sandbox.process import Process, free_port, is_listening
from vnfm.services import clients
from vnfm.settings import Settings
from vnfm.store.client import Db

SECRET = "a-secret-of-sixteen"

Set = Callable[..., None]


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    """A process of ours takes the log over; it is given back."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, db: Db, mongo_uri: str) -> Set:
    """Settings that would do; the test changes one."""
    settings = {
        "VNFM_MONGO_URI": mongo_uri,
        "VNFM_MONGO_DATABASE": db.name,
        "VNFM_NFVO_URL": "http://127.0.0.1:9",
        "VNFM_ALLOW_LOOPBACK": "true",
    }

    def change(**changes: str) -> None:
        for name, value in {**settings, **changes}.items():
            monkeypatch.setenv(name, value)

    change()
    return change


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[str]:
    """A mongod that is no replica set."""
    port = free_port()
    (tmp_path / "db").mkdir()
    command = [find_mongod(), "--dbpath", str(tmp_path / "db"), "--port", str(port), "--nounixsocket"]
    process = Process("mongod", [*command, "--bind_ip", "127.0.0.1"], tmp_path / "mongod.log")
    process.wait_until(partial(is_listening, port), 60)
    yield f"mongodb://127.0.0.1:{port}/"
    process.stop()


def test_a_server_of_its_own_is_refused(given: Set, lone: str, capsys: pytest.CaptureFixture[str]) -> None:
    given(VNFM_MONGO_URI=lone)
    assert cli.main(["relay"]) == 2
    assert "VNFM_MONGO_URI, VNFM_MONGO_DATABASE: a replica set is needed" in capsys.readouterr().err


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://",
        "mongodb://u:geheim@here@127.0.0.1/",
        "mongodb://u:geheim/x@127.0.0.1/",
        "http://127.0.0.1/",
    ],
)
def test_what_is_no_connection_string_is_told_without_its_password(
    given: Set, uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given(VNFM_MONGO_URI=uri)
    assert cli.main(["worker"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("vnfm: VNFM_MONGO_URI, VNFM_MONGO_DATABASE: not a connection string")
    assert "geheim" not in told


def test_a_wrong_password_is_told_in_one_line(
    given: Set, mongo_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given(VNFM_MONGO_URI=mongo_uri.replace("//", "//u:geheim@"))
    assert cli.main(["worker"]) == 2
    told = capsys.readouterr().err
    assert told.endswith("Authentication failed.\n")
    assert "geheim" not in told


def test_a_database_that_does_not_answer_is_told_with_its_address(
    given: Set, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    given(VNFM_MONGO_URI=f"mongodb://u:geheim@127.0.0.1:{port}/?serverSelectionTimeoutMS=100")
    assert cli.main(["worker"]) == 1
    told = capsys.readouterr().err
    assert re.search(rf"VNFM_MONGO_URI: no primary answers: 127\.0\.0\.1:{port}: .*refused", told)
    assert "geheim" not in told


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"VNFM_MONGO_DATABASE": "a b"}, "no name for a database: 'a b'"),
        ({"VNFM_CA_FILE": "/nowhere"}, "VNFM_CA_FILE: No such file or directory: /nowhere"),
        ({"VNFM_CA_FILE": __file__}, "VNFM_CA_FILE: "),
        (
            {"VNFM_CLIENT_CERT_FILE": __file__, "VNFM_CLIENT_KEY_FILE": __file__},
            "VNFM_CLIENT_CERT_FILE, VNFM_CLIENT_KEY_FILE: ",
        ),
        ({"VNFM_WORKER_THREADS": "0"}, "VNFM_WORKER_THREADS: expected at least 1: 0"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_setting_that_cannot_be_used_is_named(
    given: Set, changes: dict[str, str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given(**changes)
    for verb in ("api", "worker", "relay"):
        assert cli.main([verb]) == 2
        assert told in capsys.readouterr().err


def test_an_nfvo_whose_name_is_unknown_yet_keeps_nobody_from_starting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    known: list[str] = []

    def resolve(host: str) -> list[str]:
        if not known:
            raise OSError("no such name")
        return known

    outbound = Outbound(rules=Destinations(loopback=True), resolve=resolve)
    nfvo = bootstrap.make_nfvo(Settings(nfvo_url="http://nfvo.example:9"), outbound)
    assert "The host name of http://nfvo.example cannot be looked up" in caplog.text
    with pytest.raises(Exception, match="NFVO"):
        nfvo.fetch_package("x")
    known.append("169.254.169.254")  # and when it is known, it is vetted
    with pytest.raises(Exception, match="may not be called"):
        nfvo.fetch_package("x")
    outbound.close()


def test_a_client_is_added_without_an_nfvo(
    given: Set, db: Db, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(VNFM_NFVO_URL="", SECRET_OF_MINE=SECRET)
    words = ["client", "add", "--id", "me", "--tenant", "ours", "--roles", "nfvo, monitor"]
    assert cli.main([*words, "--secret-env", "SECRET_OF_MINE"]) == 0
    assert capsys.readouterr().out == "client me of tenant ours: monitor, nfvo\n"
    stored = db["clients"].find_one({"_id": "me"})
    assert stored is not None
    assert SECRET not in str(stored)
    assert cli.main([*words, "--secret-env", "NOT_THERE"]) == 2
    given(SECRET_OF_MINE="short")
    assert cli.main([*words, "--secret-env", "SECRET_OF_MINE"]) == 1
    assert "shorter than 16" in capsys.readouterr().err


def test_the_roles_of_the_help_are_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["client", "add", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert all(role in told for role in clients.ROLES)
