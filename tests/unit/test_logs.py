"""One line of JSON per record, whatever was said."""

from __future__ import annotations

import json
import logging
import sys

from vnfm.logs import JsonLines


def line(**extra: object) -> dict[str, object]:
    record = logging.LogRecord("vnfm.x", logging.INFO, __file__, 1, "so\n%s", ("that",), None)
    vars(record).update(extra)
    text = JsonLines().format(record)
    assert "\n" not in text
    answer: dict[str, object] = json.loads(text)
    return answer


def test_a_record_is_one_line_with_its_extras() -> None:
    told = line(operationId="o", state="COMPLETED", color_message="\x1b[36mso")
    assert told.pop("time")
    assert told == {
        "level": "INFO",
        "logger": "vnfm.x",
        "message": "so\nthat",
        "operationId": "o",
        "state": "COMPLETED",
    }


def test_what_json_does_not_know_is_told_as_text() -> None:
    assert line(error=ValueError("no"))["error"] == "no"


def test_a_traceback_stays_in_the_line() -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        assert str(line(exc_info=sys.exc_info())["traceback"]).endswith("ValueError: boom")
