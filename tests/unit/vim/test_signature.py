"""Vectors for the signature."""

import base64
import hashlib
import hmac

import pytest

from vnfm.vim.cloudstack import signature

DOC_KEY = "plgWJfZK4gyS3mOMTVmjUVg-X-jlWlnfaUJ9GAbBbf9EdM-kAYMmAiLqzzq1ElZLYq_u38zCm0bewzGUdP66mg"
DOC_SECRET = "VDaACYb0LV9eNjTetIOElcVQkvJck_J_QljX_FcHRj87ZKiy0z0ty0ZsYBkoXkY9b7eq1EhwJaw7FF3akA3KBQ"


def test_the_example_of_cloudstacks_own_documentation() -> None:
    params = {"apikey": DOC_KEY, "command": "listUsers", "response": "json"}
    assert signature.compute(params, DOC_SECRET) == "TTpdDq/7j/J58XCRHomKoQXEQds="


@pytest.mark.parametrize(
    ("plain", "encoded"),
    [
        ("a b", "a%20b"),
        ("~", "%7E"),
        ("*", "*"),
        ("+", "%2B"),
        ("a/b&c=d%", "a%2Fb%26c%3Dd%25"),
        ("ü", "%C3%BC"),
        ("A-Z.a_z", "A-Z.a_z"),
        ("", ""),
    ],
)
def test_values_are_encoded_as_java_does(plain: str, encoded: str) -> None:
    assert signature.encode(plain) == encoded


def test_names_are_sorted_as_sent_and_all_is_lowered() -> None:
    params = {"details[0].cpuNumber": "2", "apikey": "K", "command": "x", "B": "*~ Ü"}
    text = "b=*%7e%20%c3%9c&apikey=k&command=x&details[0].cpunumber=2"
    expected = base64.b64encode(hmac.new(b"s", text.encode(), hashlib.sha1).digest()).decode()
    assert signature.compute(params, "s") == expected


def test_a_request_expires_in_less_than_the_fifteen_minutes_a_server_may_enforce() -> None:
    signed = signature.sign({"command": "listZones"}, "k", "s", 0)
    assert signed["expires"] == "1970-01-01T00:10:00+0000"
    assert signed["signatureversion"] == "3"
    unsigned = {name: value for name, value in signed.items() if name != "signature"}
    assert signed["signature"] == signature.compute(unsigned, "s")
