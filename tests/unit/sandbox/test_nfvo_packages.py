"""The package server: what it shows of a CSAR."""

import io
import json
import zipfile
from typing import Any

import pytest

from tests.unit.sandbox.reference import REFERENCE
from vnfm.domain.vnfd import Vnfd
from vnfm.sandbox.nfvo.http import Refusal, Request
from vnfm.sandbox.nfvo.packages import Packages
from vnfm.sandbox.nfvo.server import read_vnfd
from vnfm.sandbox.packages import build_sample, list_samples


def request(query: dict[str, str] | None = None, **headers: str) -> Request:
    return Request("GET", "/", query or {}, headers, b"", "http://nfvo")


@pytest.fixture
def packages() -> Packages:
    server = Packages(read_vnfd)
    server.onboard(build_sample("haproxy-lb"))
    return server


@pytest.fixture
def vnfd() -> Vnfd:
    return read_vnfd(build_sample("haproxy-lb"))


def test_a_second_onboarding_takes_the_place_of_the_first(packages: Packages, vnfd: Vnfd) -> None:
    first = packages.find_vnfd(vnfd.id)
    packages.onboard(build_sample("haproxy-lb"))
    second = packages.find_vnfd(vnfd.id)
    assert first is not None
    assert second is not None
    assert first.id == second.id


@pytest.mark.parametrize(
    ("rest", "accept", "status", "kind"),
    [
        ("", "application/json", 200, "application/json"),
        ("package_content", "application/zip", 200, "application/zip"),
        ("package_content", "*/*", 200, "application/zip"),
        ("package_content", "application/json", 406, ""),
        ("vnfd", "application/zip", 200, "application/zip"),
        ("vnfd", "text/plain", 406, ""),
        ("manifest", "text/plain", 200, "text/plain"),
        ("artifacts/Scripts/cloud_init.yaml", "*/*", 200, "application/octet-stream"),
        ("artifacts/nothing", "*/*", 404, ""),
        ("nothing", "*/*", 404, ""),
    ],
)
def test_views(packages: Packages, vnfd: Vnfd, rest: str, accept: str, status: int, kind: str) -> None:
    package = packages.find_vnfd(vnfd.id)
    assert package is not None
    if status == 200:
        reply = packages.serve(package, rest, request(accept=accept))
        assert reply.headers["Content-Type"] == kind
        assert reply.body
    else:
        with pytest.raises(Refusal) as caught:
            packages.serve(package, rest, request(accept=accept))
        assert caught.value.status == status


def test_the_vnfd_view_holds_definitions_only(packages: Packages, vnfd: Vnfd) -> None:
    package = packages.find_vnfd(vnfd.id)
    assert package is not None
    reply = packages.serve(package, "vnfd", request())
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert read_vnfd(reply.body).id == vnfd.id
        assert not [name for name in archive.namelist() if name.endswith(".mf")]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"filter": "(eq,vnfProductName,haproxy-lb)"}, 1),
        ({"filter": "(neq,vnfProductName,haproxy-lb)"}, 0),
        ({"filter": "(eq,onboardingState,ERROR)"}, 0),
    ],
)
def test_list_filters(packages: Packages, query: dict[str, str], count: int) -> None:
    assert len(json.loads(packages.list(request(query)).body)) == count


@pytest.mark.parametrize("query", [{"filter": "rubbish"}, {"fields": "id"}])
def test_list_refuses_what_it_cannot_do(packages: Packages, query: dict[str, str]) -> None:
    with pytest.raises(Refusal):
        packages.list(request(query))


if REFERENCE is not None:
    TYPES: dict[str, Any] = {**REFERENCE["types"]["common"], **REFERENCE["types"]["SOL003.vnfpkgm"]}

    def _check(value: Any, facts: dict[str, Any], place: str) -> None:
        if "ref" in facts:
            _check_type(value, facts["ref"], place)
        elif facts["type"] == "array":
            for element in value:
                _check(element, facts["items"], place + "[]")
        elif facts["type"] in ("string", "integer", "boolean"):
            assert isinstance(value, {"string": str, "integer": int, "boolean": bool}[facts["type"]]), place
            assert value in facts.get("enum", [value]), place

    def _check_type(value: Any, name: str, place: str) -> None:
        kind = TYPES[name]
        if kind["kind"] == "enum":
            assert value in kind["values"], place
        elif kind["kind"] == "object":
            assert value.keys() <= kind["attributes"].keys(), place
            for attribute, facts in kind["attributes"].items():
                assert attribute in value or not facts["required"], f"{place}.{attribute}"
                if attribute in value:
                    _check(value[attribute], facts, f"{place}.{attribute}")

    @pytest.mark.parametrize("name", list_samples())
    def test_package_info_agrees_with_the_reference(name: str) -> None:
        info = Packages(read_vnfd).onboard(build_sample(name)).info()
        _check_type(info, "VnfPkgInfo", "VnfPkgInfo")
