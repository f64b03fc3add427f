"""The rule of adoption as a table: (servers, recorded) -> (adopt, bodies, others)."""

import pytest

from vnfm.vim.cloudstack.adoption import adopt
from vnfm.vim.port import Server


def parse(text: str) -> list[Server]:
    """``a:Running`` served once; ``b:Error!`` never went into service."""
    servers = []
    for word in text.split():
        name, _, state = word.partition(":")
        servers.append(Server(name, "n", state.rstrip("!"), in_service=not state.endswith("!")))
    return servers


@pytest.mark.parametrize(
    ("found", "recorded", "chosen", "bodies", "others"),
    [
        ("", None, None, "", ""),
        ("", "a", None, "", ""),
        ("a:Running", None, "a", "", ""),
        ("a:Running", "gone", "a", "", ""),
        ("a:Stopped! b:Starting! c:Running", None, "c", "a", "b"),
        ("a:Stopped! b:Starting!", None, "b", "a", ""),
        ("a:Stopped!", None, "a", "", ""),
        ("a:Stopped! b:Stopped!", None, "a", "b", ""),
        ("a:Stopped! b:Stopped!", "b", "b", "a", ""),
        # The recorded one before a better state, whatever its own, as long as it lives.
        ("a:Running b:Stopped!", "b", "b", "", "a"),
        ("a:Running b:Stopping", "b", "b", "", "a"),
        # … but a dead one is no candidate, recorded or not.
        ("a:Error!", "a", None, "a", ""),
        ("a:Error! b:Running", "a", "b", "a", ""),
        ("a:Destroyed b:Stopped!", "a", "b", "", ""),
        ("a:Expunging", "a", None, "", ""),
        ("a:Error! b:Error!", None, None, "a b", ""),
        # Twins that served, or may yet, are nobody's to remove here.
        ("a:Running b:Running", None, "a", "", "b"),
        ("a:Running b:Stopped", None, "a", "", "b"),
        ("a:Running b:Error", None, "a", "", ""),
        ("a:Running b:Migrating", None, "a", "", "b"),
        ("a:Starting! b:Starting!", "b", "b", "", "a"),
    ],
)
def test_at_most_one_is_adopted(
    found: str, recorded: str | None, chosen: str | None, bodies: str, others: str
) -> None:
    survey = adopt(parse(found), recorded)
    assert (survey.adopt.id if survey.adopt else None) == chosen
    assert " ".join(server.id for server in survey.bodies) == bodies
    assert " ".join(server.id for server in survey.others) == others
