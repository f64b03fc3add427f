"""ONAP SO's exact sequence over VNF LCM version 1: package, create, subscribe, grants, callbacks, delete."""

from __future__ import annotations

import dataclasses
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.fakes.onap import BASE, PASSWORD, USER, Onap
from tests.fakes.onap import serving as serving_onap
from tests.fakes.server import listening, serving
from tests.stage import KEYS, LOAD_BALANCER, WorkerPool
from vnfm import bootstrap
from vnfm.api.app import create_app
from vnfm.outbound import Destinations, Outbound
from vnfm.sandbox.cloud import Cloud as Tenant
from vnfm.sandbox.cloudstack.cloud import Cloud
from vnfm.sandbox.cloudstack.seed import DEMO, RECORDED, read
from vnfm.sandbox.cloudstack.serve import Background
from vnfm.sandbox.packages import build_sample
from vnfm.services import clients
from vnfm.settings import Settings
from vnfm.store.client import connect
from vnfm.vim.cloudstack.client import Client

SECRET = "the secret of ONAP, 32 characters"
HEADERS = {
    # On every request, GET and DELETE too; and never a Version.
    "Content-Type": "application/json",
    "Accept": "application/xml, text/xml, application/json, application/*+xml, application/*+json",
    "X-ONAP-RequestID": "1",
}


@contextmanager
def vnfm(settings: Settings) -> Iterator[str]:
    """API, worker and relay; the base URL of version 1."""
    with listening() as (sock, url):
        settings = dataclasses.replace(settings, external_url=url)
        deps = bootstrap.make_deps(settings)
        clients.add(deps.clients, "so", SECRET, "tenant", ["nfvo"])
        pool = WorkerPool()
        try:
            with (
                serving(create_app(deps, settings), sock),
                pool.running(settings),
                pool.running(settings, "relay"),
            ):
                yield f"{url}/vnflcm/v1"
        finally:
            pool.close()


@contextmanager
def caller(url: str) -> Iterator[Callable[..., httpx.Response]]:
    """How the adapter calls: a token by client credentials, its own headers."""
    form = {"grant_type": "client_credentials"}
    token = httpx.post(f"{url}/oauth2/token", data=form, auth=("so", SECRET)).json()["access_token"]
    with httpx.Client(headers={**HEADERS, "Authorization": f"Bearer {token}"}, timeout=30) as client:
        yield client.request


@contextmanager
def cloudstack() -> Iterator[tuple[Background, Tenant]]:
    """The emulator with a template of the sample's image name, and one of its projects as alice sees it."""
    key, secret = KEYS["alice"]
    image = {"name": "haproxy-lb", "account": "alice"}
    worlds = [read(RECORDED), read(DEMO), {"templates": [image]}]
    with Background(Cloud(worlds, job_seconds=0.05)) as cloud:
        outbound = Outbound(Destinations(loopback=True))
        client = Client(outbound.line(cloud.url), cloud.url, key, secret)
        yield cloud, Tenant(client, None, "demo-project")
        outbound.close()


def wait(holds: Callable[[], bool], onap: Onap, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{onap.complaints} {onap.asked[-10:]}"
        time.sleep(0.05)


@pytest.fixture
def database(mongo_uri: str) -> Iterator[str]:
    name = f"onap_{uuid.uuid4().hex[:8]}"
    yield name
    db = connect(mongo_uri, name)
    db.client.drop_database(name)
    db.client.close()


def test_onap_makes_a_vnf_and_removes_it(mongo_uri: str, database: str) -> None:
    key, secret = KEYS["alice"]
    with cloudstack() as (cloud, tenant):
        connection = {
            "id": "CloudOwner_RegionOne",
            "vimId": "CloudOwner_RegionOne",
            "vimType": "cloudstack",
            "interfaceInfo": {"identityEndPoint": cloud.url},
            "accessInfo": {
                "projectId": tenant.place.project_id,
                "domainName": "Default",
                "credentials": {"username": key, "password": secret},
            },
        }
        onap = Onap({"csar-1": (LOAD_BALANCER, build_sample("haproxy-lb"))}, connection)
        network = tenant.create_network("onap-oam", 1)
        with serving_onap(onap):
            settings = Settings(
                mongo_uri=mongo_uri,
                mongo_database=database,
                nfvo_url=onap.url,
                nfvo_grant_url=f"{onap.url}{BASE}",
                nfvo_package_url=f"{onap.url}{BASE}/vnfpkgm/v1",
                nfvo_auth="basic",
                nfvo_client_id=USER,
                nfvo_client_secret=PASSWORD,
                allow_loopback=True,
                omit_time_stamp=("127.0.0.1",),
                idle_pause=0.02,
                poll_pause=0.05,
                log_level="ERROR",
            )
            with vnfm(settings) as root, caller(root.removesuffix("/vnflcm/v1")) as call:
                onap.call = call
                live(onap, root, network)
        assert onap.complaints == []
        left = [
            vm for vm in tenant_machines(cloud) if vm["state"] not in {"Destroyed", "Expunging", "Expunged"}
        ]
        assert left == []


def live(onap: Onap, root: str, network: str) -> None:
    """Instantiate and terminate, as SO's workflows do."""
    unused = onap.create(root, LOAD_BALANCER, "onap_unused")
    assert onap.terminate(unused) is None
    assert onap.vnfs[unused].deletion == 204
    selflink = onap.create(root, LOAD_BALANCER, "onap_lb")
    # A&AI knows it by its self link, by whatever name the VNFM was called.
    assert (
        onap.call("GET", selflink, headers={"Host": "other.example"}).json()["_links"]["self"]["href"]
        == selflink
    )
    vnf = onap.vnfs[selflink]
    cp = {"cpdId": "lb_ext", "cpConfig": [{"cpInstanceId": "cp-1"}]}
    operation = onap.instantiate(selflink, "simple", [{"id": "oam", "resourceId": network, "extCps": [cp]}])
    wait(lambda: onap.poll(root, operation) in {"COMPLETED", "FAILED_TEMP", "ROLLED_BACK"}, onap)
    assert onap.poll(root, operation) == "COMPLETED", onap.call(
        "GET", f"{root}/vnf_lcm_op_occs/{operation}"
    ).text
    wait(lambda: vnf.status == "Created", onap)
    assert vnf.vservers
    assert vnf.tenant == onap.connection["accessInfo"]["projectId"]
    shown = onap.call("GET", selflink).text
    assert onap.connection["accessInfo"]["credentials"]["password"] not in shown
    operation = onap.terminate(selflink) or ""
    # SO deletes the instant it hears of the end, before its poller does.
    wait(lambda: vnf.deletion != 0, onap)
    assert vnf.deletion == 204
    assert onap.poll(root, operation) == "COMPLETED"
    assert onap.call("GET", selflink).status_code == 404
    assert [(one["operation"], one["operationState"]) for one in onap.notifications] == [
        (operation, state)
        for operation in ("INSTANTIATE", "TERMINATE")
        for state in ("STARTING", "PROCESSING", "COMPLETED")
    ]
    assert {one["_links"]["vnfInstance"]["href"] for one in [*onap.grants, *onap.notifications]} == {selflink}
    test = ("GET", f"{BASE}/lcn/VnfLcmOperationOccurrenceNotification", 405)
    assert test in onap.asked


def tenant_machines(cloud: Background) -> list[dict[str, str]]:
    found: list[dict[str, str]] = httpx.get(f"{cloud.control_url}/world").json()["vms"]
    return found
