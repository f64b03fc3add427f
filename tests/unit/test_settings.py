"""Settings as operators write them."""

from __future__ import annotations

import pytest

from vnfm.settings import SettingsError, Strict, load


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
        {"VNFM_CALLBACK_SCHEDULE": "0,soon"},
        {"VNFM_CALLBACK_TOLERATED": "Not Found"},
        {"VNFM_CLIENT_CERT_FILE": "/a.pem"},
        {"VNFM_CLIENT_KEY_FILE": "/a.key"},
        {"VNFM_NFVO_AUTH": "digest"},
    ],
)
def test_values_that_cannot_be_meant_name_their_variable(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(environ))):
        load(environ)
