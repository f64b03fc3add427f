"""YAML: what it means to us, and what it may not do to us."""

from __future__ import annotations

import pytest
import yaml

from vnfm.vnfd import PackageError, limits, syntax


def refused(text: str | bytes) -> PackageError:
    with pytest.raises(PackageError) as caught:
        syntax.parse(text.encode() if isinstance(text, str) else text, "some.yaml")
    assert caught.value.file == "some.yaml"
    return caught.value


NESTED = "a:\n" + "".join(" " * depth + "- # deeper\n" for depth in range(1, limits.MAX_DEPTH + 2))
LAUGHS = 'a0: &a0 [ "ha", "ha" ]\n' + "".join(
    f"a{n}: &a{n} [ {', '.join([f'*a{n - 1}'] * 9)} ]\n" for n in range(1, 9)
)
#: Each line nests the one before: shallow as text, deep once aliases are followed.
LADDER = "a0: &a0 [ 1 ]\n" + "".join(f"a{n}: &a{n} [ *a{n - 1} ]\n" for n in range(1, 500))

BAD = {
    "not YAML": ("a: [1\nb: 2\n", "yaml-syntax", 2),
    "tab for indentation": ("a:\n\tb: 1\n", "yaml-syntax", 2),
    "duplicate key": ("a: 1\nb:\n  c: 1\n  c: 2\n", "duplicate-key", 4),
    "duplicate key at the top": ("a: 1\na: 2\n", "duplicate-key", 2),
    "list at the top": ("- a\n- b\n", "not-a-mapping", 1),
    "text at the top": ("hello\n", "not-a-mapping", 1),
    "nothing at all": ("", "not-a-mapping", 1),
    "two documents": ("a: 1\n---\nb: 2\n", "several-documents", 2),
    "object tag": ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "yaml-tag", 2),
    "private tag": ("a: !include other.yaml\n", "yaml-tag", 1),
    "unknown alias": ("a: *nowhere\n", "yaml-alias", 1),
    "alias of itself": ("a: &a\n  - 1\n  - *a\n", "yaml-alias", 3),
    "NUL in a text": ('a: 1\nb: "x\\0y"\n', "yaml-character", 2),
    "half a surrogate pair": ('a: 1\nb: "x\\ud800"\n', "yaml-character", 2),
    "list as key": ("? [a, b]\n: 1\n", "yaml-key", 1),
    "too deep": (NESTED, "yaml-too-deep", limits.MAX_DEPTH + 1),
    "alias expansion": (LAUGHS, "yaml-too-large", 6),
    "too deep by aliases": (LADDER, "yaml-too-deep", limits.MAX_DEPTH),
}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize("case", BAD)
def test_bad_yaml_is_refused_at_its_line(
    case: str, loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By both parsers PyYAML has: which one runs depends on how it was installed."""
    monkeypatch.setattr(syntax, "_LOADER", loader)
    text, rule, line = BAD[case]
    error = refused(text)
    assert error.line == line
    assert error.rule == rule or (case, error.rule) == ("half a surrogate pair", "yaml-syntax")


def test_other_encodings_and_forbidden_characters_are_refused() -> None:
    assert refused(b"a: 1\nb: \xff\n").rule == "not-utf8"
    assert refused(b"a: \x00\n").rule == "yaml-syntax"


def test_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_YAML", 10)
    assert refused("a: 0123456789").rule == "yaml-too-large"


SCALARS = {
    "1.10": 1.1,
    "'1.10'": "1.10",
    "0x10": 16,
    "12": 12,
    "-3": -3,
    "1e3": "1e3",
    "1.5e+3": 1500.0,
    ".inf": ".inf",
    "true": True,
    "Off": False,
    "~": None,
    "": None,
    "2024-01-31": "2024-01-31",
    "12:30:45": "12:30:45",
    "123456789012345678901234567890": "123456789012345678901234567890",
    "!!str 5": "5",
    '"a\\nb"': "a\nb",
}


@pytest.mark.parametrize("written", SCALARS)
def test_scalars_are_plain_json_values(written: str) -> None:
    value = syntax.parse(f"a: {written}\n".encode(), "some.yaml").plain()["a"]
    assert (value, type(value)) == (SCALARS[written], type(SCALARS[written]))


def test_a_text_is_what_was_written_whatever_yaml_makes_of_it() -> None:
    root = syntax.parse(b"a: 1.10\nb: yes\nc: 010\nd: 2024-01-31\n", "some.yaml")
    assert [root.need(key).text() for key in "abcd"] == ["1.10", "yes", "010", "2024-01-31"]


def test_values_know_their_line_and_path() -> None:
    root = syntax.parse(b"a:\n  b:\n    - x\n    - c: 1\n      d: >\n        long\n", "some.yaml")
    entry = root.need("a").need("b").items()[1]
    assert (root.need("a").line, entry.line, entry.need("d").line) == (1, 4, 5)
    assert str(entry.need("d").fail("rule", "why")) == "some.yaml:5: a.b[1].d: why [rule]"


def test_anchors_and_merges_are_followed() -> None:
    root = syntax.parse(
        b"x: &x { a: 1, b: 2 }\ny: { <<: *x, b: 3 }\nz: { <<: [ *x, { c: 4 } ] }\n", "some.yaml"
    )
    assert root.plain() == {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}, "z": {"a": 1, "b": 2, "c": 4}}
