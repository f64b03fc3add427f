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
