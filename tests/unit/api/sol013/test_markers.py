"""Markers lead on in their own list, and nowhere else."""

from __future__ import annotations

import pytest

from vnfm.api.sol013 import markers, parameters
from vnfm.errors import BadRequest


def test_there_and_back() -> None:
    for last in ("5f0d6c0e-6a0b", "é/=&?", "x" * 500):
        marker = markers.make(last, "path", "tenant", "a=b")
        assert marker.replace("-", "").replace("_", "").isalnum()
        assert markers.read(marker, "path", "tenant", "a=b") == last


@pytest.mark.parametrize(
    "context", [("path", "tenant", ""), ("path", "other", "a=b"), ("pathtenant", "", "a=b")]
)
def test_elsewhere_it_is_unknown(context: tuple[str, ...]) -> None:
    with pytest.raises(BadRequest, match="nextpage_opaque_marker"):
        markers.read(markers.make("i", "path", "tenant", "a=b"), *context)


@pytest.mark.parametrize("marker", ["", "a", "AAAA", "AAAAAAAAAAAAAAAAAAAA", "é", "%", "_" * 40])
def test_what_is_none_of_ours_is_unknown(marker: str) -> None:
    with pytest.raises(BadRequest):
        markers.read(marker, "path")


def test_a_query_string_is_decoded_once_and_kept_for_the_next_page() -> None:
    raw = b"filter=%28eq,a,%2527%29&all_fields&x=<1>&nextpage_opaque_marker=m&y"
    found = parameters.read(raw)
    assert found.filter == "(eq,a,%27)"
    assert found.selectors == {"all_fields": ""}
    assert found.marker == "m"
    assert found.others == "filter=%28eq,a,%2527%29&all_fields&x=%3C1%3E&y"


def test_what_is_asked_is_the_same_in_any_order_and_encoding() -> None:
    whole = parameters.read(b"filter=(eq,a,b c)&fields=x,y&exclude_default&nextpage_opaque_marker=m")
    again = parameters.read(b"exclude_default&_=1&fields=x%2Cy&filter=%28eq%2Ca%2Cb+c%29")
    assert whole.asked == again.asked
    others = (b"", b"filter=(eq,a,b c)", b"fields=x,y", b"filter=(eq,a,b c)&exclude_fields=x,y")
    assert len({parameters.read(raw).asked for raw in others} | {whole.asked}) == len(others) + 1


def test_a_percent_sign_that_escapes_nothing_can_be_sent_again() -> None:
    found = parameters.read(b"filter=(cont,a,100%)&x=5%2")
    assert found.others == "filter=(cont,a,100%25)&x=5%252"
    assert parameters.read(found.others.encode()).filter == found.filter == "(cont,a,100%)"


@pytest.mark.parametrize(
    ("raw", "is_set"),
    [
        (b"all_fields", True),
        (b"all_fields=", True),
        (b"all_fields=TRUE", True),
        (b"all_fields=0", False),
        (b"all_fields=false", False),
    ],
)
def test_flags(raw: bytes, is_set: bool) -> None:
    assert ("all_fields" in parameters.read(raw).selectors) is is_set


@pytest.mark.parametrize("raw", [b"filter=a&filter=b", b"all_fields=maybe", b"fields=%ff", b"\xff=1"])
def test_what_cannot_be_read_is_refused(raw: bytes) -> None:
    with pytest.raises(BadRequest):
        parameters.read(raw)
