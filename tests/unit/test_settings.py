"""Settings as operators write them."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from vnfm.settings import Settings, SettingsError, Strict, load


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("", set()),
        ("all", set(Strict)),
        ("version", {Strict.VERSION}),
        (" Query , content-type,", {Strict.QUERY, Strict.CONTENT_TYPE}),
    ],
)
def test_strict(text: str, strict: set[Strict]) -> None:
    assert load({"VNFM_STRICT": text}).strict == strict


@pytest.mark.parametrize("text", ["true", "version,everything", "all,version"])
def test_not_strict(text: str) -> None:
    with pytest.raises(SettingsError, match="VNFM_STRICT: expected all, or some of version, query"):
        load({"VNFM_STRICT": text})


def test_lists_are_read_with_commas_between() -> None:
    settings = load(
        {
            "VNFM_CALLBACK_SCHEDULE": "0, 1.5,60",
            "VNFM_CALLBACK_TOLERATED": "",
            "VNFM_OMIT_TIME_STAMP": "onap.example, *.lab.example,",
        }
    )
    assert settings.callback_schedule == (0.0, 1.5, 60.0)
    assert settings.callback_tolerated == ()
    assert settings.omit_time_stamp == ("onap.example", "*.lab.example")


@pytest.mark.parametrize(
    "environ",
    [
        {"VNFM_CALLBACK_SCHEDULE": ""},
        {"VNFM_CALLBACK_SCHEDULE": "0,-1"},
        {"VNFM_CALLBACK_SCHEDULE": "5,300"},
        {"VNFM_CALLBACK_SCHEDULE": "0,soon"},
        {"VNFM_CALLBACK_TOLERATED": "Not Found"},
        {"VNFM_CLIENT_CERT_FILE": "/a.pem"},
        {"VNFM_CLIENT_KEY_FILE": "/a.key"},
        {"VNFM_NFVO_AUTH": "digest"},
        {"VNFM_PURGE_POLICY": "forget"},
        {"VNFM_LOG_LEVEL": "LOUD"},
        {"VNFM_API_PORT": "0"},
        {"VNFM_API_PORT": "65536"},
        {"VNFM_API_PORT": "http"},
        {"VNFM_LEASE": "nan"},
        {"VNFM_PURGE_PATIENCE": "inf"},
        {"VNFM_EXTERNAL_URL": "vnfm.example.org"},
        {"VNFM_EXTERNAL_URL": "https://vnfm.example.org/?a=b"},
        {"VNFM_EXTERNAL_URL": "https://vnfm.example.org:port"},
        {"VNFM_EXTERNAL_URL": "https:///vnflcm"},
        {"VNFM_NFVO_URL": "nfvo"},
        {"VNFM_NFVO_TOKEN_URL": "https://user:password@nfvo.example.org/token"},
    ],
)
def test_values_that_cannot_be_meant_name_their_variable(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(environ))):
        load(environ)


@pytest.mark.parametrize(
    "name", [item.name for item in fields(Settings) if item.type in {"int", "float"}], ids=str
)
def test_no_number_may_be_negative(name: str) -> None:
    with pytest.raises(SettingsError, match=f"VNFM_{name.upper()}: expected .*: -1$"):
        load({f"VNFM_{name.upper()}": "-1"})


@pytest.mark.parametrize("name", ["api_threads", "worker_threads", "relay_threads", "relay_width", "lease"])
def test_nothing_would_be_done_with_none(name: str) -> None:
    with pytest.raises(SettingsError, match=f"VNFM_{name.upper()}: expected at least "):
        load({f"VNFM_{name.upper()}": "0"})


def test_what_is_told_of_a_bad_address_does_not_hold_its_password() -> None:
    with pytest.raises(SettingsError) as caught:
        load({"VNFM_NFVO_URL": "https://user:geheim@nfvo.example.org"})
    assert "geheim" not in str(caught.value)


def test_a_value_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "uri").write_text("mongodb://db.example.org/\n")
    environ = {"VNFM_MONGO_URI_FILE": str(tmp_path / "uri")}
    assert load(environ).mongo_uri == "mongodb://db.example.org/"
    assert load({**environ, "VNFM_MONGO_URI": "mongodb://itself/"}).mongo_uri == "mongodb://itself/"


def test_a_file_that_cannot_be_read_names_its_variable(tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path, tmp_path / "missing", tmp_path / "noise"):
        with pytest.raises(SettingsError, match=f"^VNFM_CA_FILE_FILE: .*: {path}$"):
            load({"VNFM_CA_FILE_FILE": str(path)})


def test_settings_can_be_shown_without_their_secrets() -> None:
    shown = repr(Settings(mongo_uri="mongodb://user:geheim@db/", nfvo_client_secret="geheim"))
    assert "geheim" not in shown
