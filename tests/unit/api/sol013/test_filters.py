"""The grammar of filters, and what the type of a resource makes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from vnfm.api.sol013 import conditions, filters
from vnfm.api.sol013.schema import Attribute
from vnfm.domain.query import Entries, Field, Never, Operator, Step, Term
from vnfm.errors import BadRequest
from vnfm.wire.origins import Origins, Stored

SCHEMAS: dict[str, Any] = {
    "Thing": {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"},
            "size": {"type": "integer"},
            "isNew": {"type": "boolean"},
            "made": {"type": "string", "format": "date-time"},
            "address": {"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
            "words": {"type": "array", "items": {"type": "string"}},
            "rooms": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Part"}},
            "pairs": {"type": "object"},
            "params": {},
            "inner": {"$ref": "#/components/schemas/Part"},
        },
    },
    "Part": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "thing": {"$ref": "#/components/schemas/Thing"}},
    },
}
THING = Attribute(SCHEMAS, SCHEMAS["Thing"])
WHERE = Origins(
    {name: Field(f"the_{name}") for name in SCHEMAS["Thing"]["properties"]},
    {("parts",): Stored(reading=Entries("name"))},
)


@pytest.mark.parametrize(
    ("text", "path", "values"),
    [
        ("(eq,a,b)", ["a"], ["b"]),
        ("(eq,a/b/c,)", ["a", "b", "c"], [""]),
        ("(in,a,b,c,d)", ["a"], ["b", "c", "d"]),
        ("(in,a,'b,c','d'')',e)", ["a"], ["b,c", "d')", "e"]),
        ("(cont,a,'''')", ["a"], ["'"]),
        ("(cont,a,'')", ["a"], [""]),
        ("(eq,a, b )", ["a"], [" b "]),
        ("(eq,a,(;b)", ["a"], ["(;b"]),
        ("(eq,~0/~1~a~b/~01,x)", ["~", "/,@", "~1"], ["x"]),
        ("(eq,a/@key,x)", ["a", "@key"], ["x"]),
        ("(eq,~bkey,x)", ["@key"], ["x"]),
        ("(eq,a(b)'c,x)", ["a(b)'c"], ["x"]),
    ],
)
def test_one_expression(text: str, path: list[str], values: list[str]) -> None:
    [found] = filters.read(text)
    assert [str(name) for name in found.path] == path
    assert [given.text for given in found.values] == values


def test_an_escaped_at_sign_is_no_key_token() -> None:
    [token], [escaped] = (filters.read(f"(eq,{name},x)")[0].path for name in ("@key", "~bkey"))
    assert (token.text, escaped.text) == (None, "@key")


def test_several_expressions() -> None:
    found = filters.read("(eq,a,'x;y');(nin,b,(,z);(gt,c,1)")
    assert [(one.operator, one.at) for one in found] == [("eq", 1), ("nin", 14), ("gt", 26)]


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("", 1, "'(' is expected, not the end"),
        ("eq,a,b", 1, "'(' is expected, not 'e'"),
        ("(eq,a,b", 8, "')' is expected, not the end"),
        ("(eq,a,b))", 9, "';' is expected, not ')'"),
        ("(eq,a,b);", 10, "'(' is expected"),
        ("(like,a,b)", 2, "unknown operator 'like'"),
        ("(EQ,a,b)", 2, "unknown operator 'EQ'"),
        ("(eq,a)", 7, "',' is expected, not the end"),
        ("(eq,,b)", 5, "an attribute name is expected"),
        ("(eq,a//c,b)", 7, "an attribute name is expected"),
        ("(eq,a/,b)", 7, "an attribute name is expected"),
        ("(eq,ab~2,b)", 7, "after ~ comes"),
        ("(eq,a~,b)", 6, "after ~ comes"),
        ("(eq,a/@kex,b)", 7, "@key is expected"),
        ("(eq,a,b,c)", 8, "eq has one value"),
        ("(gt,a,1);(lt,a,1,2)", 17, "lt has one value"),
        ("(eq,a,'b)", 7, "the quote that begins here does not end"),
        ("(eq,a,b'c)", 8, "a value with a quote"),
        ("(eq,a,'b'c)", 10, "')' is expected, not 'c'"),
        ("(eq,a\0,b)", 5, "U+0000"),
        ("(eq," + "/".join("a" * 17) + ",b)", 37, "at most 16 names"),
        (";".join(["(eq,a,b)"] * 51), 451, "at most 50 expressions"),
        ("(in,a" + ",b" * 501 + ")", 1006, "at most 500 values"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, at: int, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        filters.read(text)
    assert caught.value.detail.startswith(f"filter, character {at}: ")
    assert reason in caught.value.detail


def judge(text: str, *, strict: bool = False) -> Term:
    [term] = conditions.read(text, THING, WHERE, strict=strict)
    return term


@pytest.mark.parametrize(
    ("text", "operator", "values"),
    [
        ("(eq,id,5)", Operator.IN, ("5",)),
        ("(neq,size,5)", Operator.NIN, (5,)),
        ("(gt,size,-1.5e2)", Operator.GT, (-150.0,)),
        ("(in,size,1,123456789012345678901)", Operator.IN, (1, 123456789012345678901.0)),
        ("(eq,isNew,true)", Operator.IN, (True,)),
        ("(lt,made,2026-01-02T03:04:05Z)", Operator.LT, (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),)),
        ("(eq,made,2026-01-02t03:04:05z)", Operator.IN, (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),)),
        ("(lt,made,2026-01-02T03:04:05-00:30)", Operator.LT, (datetime(2026, 1, 2, 3, 34, 5, tzinfo=UTC),)),
        ("(lt,made,2026-01-02T03:04:05 02:00)", Operator.LT, (datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC),)),
        ("(cont,address,10.)", Operator.CONT, ("10.",)),
        ("(eq,pairs/x,5)", Operator.IN, ("5", 5)),
        ("(eq,pairs/x,true)", Operator.IN, ("true", True)),
        ("(gt,params/x,5)", Operator.GT, ("5", 5)),
        ("(ncont,params/x,5)", Operator.NCONT, ("5",)),
    ],
)
def test_values_have_the_type_of_the_attribute(
    text: str, operator: Operator, values: tuple[object, ...]
) -> None:
    term = judge(text)
    assert term.operator is operator
    assert [(type(value), value) for value in term.values] == [(type(value), value) for value in values]


@pytest.mark.parametrize(
    ("text", "source", "root", "steps"),
    [
        ("(eq,id,x)", "the_id", Step(""), ()),
        ("(eq,words,x)", "the_words", Step("", many=True), ()),
        ("(eq,inner/name,x)", "the_inner", Step(""), (Step("name"),)),
        ("(eq,parts/name,x)", "the_parts", Step("", many=True, reading=Entries("name")), (Step("name"),)),
        ("(eq,rooms/1.a/name,x)", "the_rooms", Step(""), (Step("1.a"), Step("name"))),
        ("(eq,rooms/@key,x)", "the_rooms", Step(""), (Step(None, many=True),)),
        ("(eq,pairs/a/b,x)", "the_pairs", Step(""), (Step("a", many=True), Step("b", many=True))),
        ("(eq,params/a,x)", "the_params", Step("", many=True), (Step("a", many=True),)),
        (
            "(eq,parts/thing/parts/name,x)",
            "the_parts",
            Step("", many=True, reading=Entries("name")),
            (Step("thing"), Step("parts", many=True), Step("name")),
        ),
    ],
)
def test_paths_lead_to_what_is_stored(text: str, source: str, root: Step, steps: tuple[Step, ...]) -> None:
    term = judge(text)
    assert (term.source, term.root, term.steps) == (Field(source), root, steps)


@pytest.mark.parametrize(
    ("text", "at", "reason"),
    [
        ("(eq,id/x,1)", 8, "id is a text and has no attributes"),
        ("(eq,words/x,1)", 11, "words is a text and has no attributes"),
        ("(eq,inner,1)", 5, "inner is a structure"),
        ("(eq,parts,1)", 5, "parts is a structure"),
        ("(eq,rooms,1)", 5, "rooms is a map"),
        ("(eq,rooms/a,1)", 11, "rooms/a is a structure"),
        ("(eq,inner/@key,1)", 11, "@key means the keys of a map, and inner is a structure"),
        ("(eq,@key,1)", 5, "@key means the keys of a map, and the resource is a structure"),
        ("(eq,rooms/@key/x,1)", 16, "rooms/@key is a text and has no attributes"),
        ("(eq,isNew,yes)", 11, "'yes' is neither true nor false"),
        ("(gt,isNew,true)", 1, "gt does not compare a boolean"),
        ("(cont,size,1)", 1, "cont does not compare a number"),
        ("(cont,made,2026)", 1, "cont does not compare a date and time"),
        ("(in,size,1,1x)", 12, "'1x' is not a number"),
        ("(eq,size,)", 10, "'' is not a number"),
        ("(eq,made,2026-01-02)", 10, "'2026-01-02' is not a date and time"),
        ("(eq,made,2026-01-02T03:04:05)", 10, "not a date and time with an offset"),
        ("(eq,made,2026-13-02T03:04:05Z)", 10, "there is no time"),
        ("(gt,made,0001-01-01T00:00:00+01:00)", 10, "there is no time"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, at: int, reason: str) -> None:
    with pytest.raises(BadRequest) as caught:
        judge(text)
    assert caught.value.detail.startswith(f"filter, character {at}: ")
    assert reason in caught.value.detail


@pytest.mark.parametrize("text", ["(eq,nothing,1)", "(neq,inner/nothing/more,1)", "(eq,rooms/a/nothing,1)"])
def test_an_unknown_attribute_matches_nothing_or_is_refused(text: str) -> None:
    assert judge(text).source == Never()
    with pytest.raises(BadRequest, match="the type has no attribute nothing"):
        judge(text, strict=True)


@pytest.mark.parametrize(
    ("text", "is_hidden"),
    [
        ("(eq,params/vim/accessInfo/password,x)", True),
        ("(eq,params/vim/accessInfo,x)", True),
        ("(eq,params/vim/accessInfo/@key,x)", True),
        ("(eq,params/vim/accessInfo/projectId,x)", False),
        ("(eq,params/metadata/accessInfo/password,x)", False),
    ],
)
def test_nobody_guesses_secrets(text: str, is_hidden: bool) -> None:
    assert (judge(text).source == Never()) is is_hidden
