"""Bundling: what is pulled in, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from vnfm.api.bundle import SpecError, bundle

SHARED = """
components:
  schemas:
    Link: {type: object, properties: {href: {$ref: '#/components/schemas/Uri'}}}
    Uri: {type: string}
    Tree: {type: object, properties: {child: {$ref: '#/components/schemas/Tree'}}}
    Unused: {type: string}
"""


def _write(folder: Path, root: str, shared: str = SHARED) -> Path:
    (folder / "shared.yaml").write_text(shared)
    file = folder / "root.yaml"
    file.write_text(root)
    return file


def test_takes_in_what_is_referred_to_and_what_that_refers_to(tmp_path: Path) -> None:
    file = _write(tmp_path, "paths: {/a: {$ref: 'shared.yaml#/components/schemas/Link'}}")
    assert bundle(file) == {
        "paths": {"/a": {"$ref": "#/components/schemas/Link"}},
        "components": {
            "schemas": {
                "Link": {"type": "object", "properties": {"href": {"$ref": "#/components/schemas/Uri"}}},
                "Uri": {"type": "string"},
            }
        },
    }


def test_recursion_ends(tmp_path: Path) -> None:
    tree = bundle(_write(tmp_path, "a: {$ref: 'shared.yaml#/components/schemas/Tree'}"))
    assert tree["components"]["schemas"]["Tree"]["properties"]["child"] == {
        "$ref": "#/components/schemas/Tree"
    }


def test_an_own_component_that_only_refers_takes_in(tmp_path: Path) -> None:
    file = _write(tmp_path, "components: {schemas: {Uri: {$ref: 'shared.yaml#/components/schemas/Uri'}}}")
    assert bundle(file)["components"]["schemas"] == {"Uri": {"type": "string"}}


def test_codes_become_text(tmp_path: Path) -> None:
    assert bundle(_write(tmp_path, "responses: {200: ok}"))["responses"] == {"200": "ok"}


@pytest.mark.parametrize(
    ("root", "message"),
    [
        (
            "a: {$ref: 'shared.yaml#/components/schemas/Link'}\ncomponents: {schemas: {Uri: {}}}",
            "schemas/Uri is also defined in",
        ),
        ("a: {$ref: 'shared.yaml#/components/schemas/Gone'}", "refers to nothing"),
        ("a: {$ref: 'gone.yaml#/components/schemas/Link'}", "refers to nothing"),
        ("a: {$ref: '#/components/schemas/Gone'}", "refers to nothing"),
        ("a: {$ref: 'shared.yaml#/paths/x'}", "only file#/components/kind/name"),
        (
            "components: {schemas: {Other: {$ref: 'shared.yaml#/components/schemas/Uri'}}}",
            "refers to a component of another name",
        ),
        ("- a list", "not a mapping"),
    ],
)
def test_refuses(tmp_path: Path, root: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        bundle(_write(tmp_path, root))
