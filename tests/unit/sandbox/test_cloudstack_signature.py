"""The emulator's signature, against a value computed with openssl."""

from __future__ import annotations

import time

import pytest

from vnfm.sandbox.cloudstack.refusal import Refusal
from vnfm.sandbox.cloudstack.signature import check_life, sign

PARAMS = {"keyword": "a b~c*d+e/ü", "command": "listZones", "apikey": "k y", "signature": "ignored"}
COMPUTED = "zm8flfzXPIkfjfuc6DbFIvco85c="


def test_signature_is_the_one_openssl_computes() -> None:
    """Wrong for another escape of ~ * + or blank, another order, no lower-casing, a signed signature."""
    assert sign(PARAMS, "secret") == COMPUTED


def expires(seconds: float) -> dict[str, str]:
    """The time is written when the test runs: collecting may be minutes earlier."""
    return {"signatureversion": "3", "expires": f"in {seconds}"}


def written(params: dict[str, str]) -> dict[str, str]:
    life = params.get("expires", "")
    if not life.startswith("in "):
        return params
    moment = time.gmtime(time.time() + float(life.removeprefix("in ")))
    return {**params, "expires": time.strftime("%Y-%m-%dT%H:%M:%S+0000", moment)}


@pytest.mark.parametrize(
    ("params", "enforced"),
    [
        pytest.param(expires(60), True, id="lives"),
        pytest.param(expires(3600), False, id="long life, not enforced"),
        pytest.param({"expires": "long ago"}, False, id="without version 3 ignored"),
    ],
)
def test_accepted(params: dict[str, str], enforced: bool) -> None:
    check_life(written(params), time.time(), enforced, True)


@pytest.mark.parametrize(
    ("params", "enforced"),
    [
        pytest.param(expires(-1), False, id="expired"),
        pytest.param({"signatureversion": "3"}, False, id="no expires"),
        pytest.param({"signatureversion": "3", "expires": "2026-01-01"}, False, id="no offset"),
        pytest.param(expires(1000), True, id="over 15 minutes, enforced"),
        pytest.param({}, True, id="none, enforced"),
    ],
)
def test_refused(params: dict[str, str], enforced: bool) -> None:
    with pytest.raises(Refusal) as caught:
        check_life(written(params), time.time(), enforced, True)
    assert caught.value.code == 401
