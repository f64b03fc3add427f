"""VNF templates' NIC descriptions and details: read from a call, with CloudStack's rules."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Json, invalid
from vnfm.sandbox.cloudstack.request import Call

ACCESS = (
    "access_methods username password ssh_user ssh_password ssh_port"
    " web_user web_password http_path http_port https_path https_port"
).split()
DESCRIPTION = ("version", "vendor", "maintainer")
METHODS = ("console", "http", "https", "ssh-key", "ssh-password")
# access method → detail that names its port, port without it
PORTS = {
    "ssh-key": ("ssh_port", 22),
    "ssh-password": ("ssh_port", 22),
    "http": ("http_port", 80),
    "https": ("https_port", 443),
}


def read_nics(call: Call) -> list[Json]:
    """Device ids run 0, 1, 2 …; no required NIC after an optional one."""
    nics = sorted((read_nic(entry) for entry in call.entries("vnfnics")), key=device_of)
    optional = False
    for expected, nic in enumerate(nics):
        if nic["deviceid"] != expected:
            raise invalid(
                f"deviceid must be consecutive and start from 0. Nic deviceid should be {expected} but actual"
                f" is {nic['deviceid']}."
            )
        if nic["required"] and optional:
            raise invalid(
                "required cannot be true if a preceding nic is optional. Nic with deviceid"
                f" {expected} should be required but actual is optional."
            )
        optional = optional or not nic["required"]
    return nics


def device_of(nic: Json) -> int:
    return int(str(nic["deviceid"]))


def read_nic(entry: dict[str, str]) -> Json:
    device, name = entry.get("deviceid", ""), entry.get("name")
    if not device.isdigit() or not name:
        raise invalid("VNF nic deviceid and name must be given")
    nic: Json = {"deviceid": int(device), "name": name}
    for key in ("required", "management"):
        nic[key] = entry.get(key, "true").lower() == "true"
    if entry.get("description"):
        nic["description"] = entry["description"]
    return nic


def read_details(call: Call) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in call.pairs("vnfdetails").items():
        key = name.lower()
        if key not in ACCESS and key not in DESCRIPTION:
            allowed = f"{', '.join(ACCESS).upper()} and {', '.join(DESCRIPTION).upper()}"
            raise invalid(f"Invalid VNF detail found: {name}. Valid values are {allowed}")
        found[key] = read_methods(value) if key == "access_methods" else value
    return dict(sorted(found.items()))


def read_methods(text: str) -> str:
    methods = sorted(part.strip() for part in text.split(","))
    for method in methods:
        if method not in METHODS:
            raise invalid(f"Invalid VNF access method found: {method}. Valid values are {', '.join(METHODS)}")
    return ",".join(methods)


def ports_of(template: model.Template) -> list[int]:
    methods = template.vnfdetails.get("access_methods", "").split(",")
    ports: list[int] = []
    for method in methods:
        if method in PORTS:
            detail, usual = PORTS[method]
            port = int(template.vnfdetails.get(detail, usual))
            if port not in ports:
                ports.append(port)
    return ports
