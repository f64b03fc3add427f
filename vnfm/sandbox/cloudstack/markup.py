"""The same answers as XML, which a client gets that does not ask for JSON."""

from __future__ import annotations

from xml.sax.saxutils import escape

from vnfm.sandbox.cloudstack.refusal import Json

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
VERSION = "4.22.0.0-SNAPSHOT"


def render(key: str, body: Json) -> str:
    """An error has neither the version attribute nor the list of ids."""
    if "errorcode" in body:
        inner = "".join(element(name, value) for name, value in body.items() if name != "uuidList")
        return f"{HEAD}<{key}>{inner}</{key}>"
    inner = "".join(element(name, value) for name, value in body.items())
    return f'{HEAD}<{key} cloud-stack-version="{VERSION}">{inner}</{key}>'


def element(name: str, value: object) -> str:
    if isinstance(value, list):
        return "".join(element(name, item) for item in value)
    if isinstance(value, dict):
        return f"<{name}>{''.join(element(key, item) for key, item in value.items())}</{name}>"
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"
