"""Certificates: a subscriber's is checked, and ours is shown where one is asked for."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.certificate import Authority
from tests.fakes.subscriber import receiving
from tests.integration.notify.scene import LIFE, TENANT, Scene
from vnfm import bootstrap
from vnfm.domain.authentication import NONE, AuthType, Way
from vnfm.notify.callback import Probe
from vnfm.settings import Settings
from vnfm.store.client import Db


def refusal(uri: str, way: Way = NONE, **chosen: str) -> str | None:
    callbacks, door = bootstrap.make_callbacks(
        Settings(allow_loopback=True, callback_timeout=2.0, **chosen)  # type: ignore[arg-type]  # a table of texts
    )
    try:
        return Probe(callbacks, []).refusal(uri, way)
    finally:
        door.close()


def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("receiver")
    with receiving(ssl_certfile=certificate, ssl_keyfile=key) as app:
        reason = refusal(f"{app.url}/n/one")
        assert reason is not None
        assert "CERTIFICATE_VERIFY_FAILED" in reason
        assert app.log == []
        assert refusal(f"{app.url}/n/one", ca_file=authority.file) is None


@pytest.mark.parametrize("shown", [True, False])
def test_our_certificate_is_shown_to_who_asks(tmp_path: Path, shown: bool) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("receiver")
    own, own_key = authority.issue("vnfm")
    demanding = {"ssl_ca_certs": authority.file, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    chosen = {"client_cert_file": own, "client_key_file": own_key} if shown else {}
    with receiving(ssl_certfile=certificate, ssl_keyfile=key, **demanding) as app:
        reason = refusal(f"{app.url}/n/one", Way(AuthType.TLS_CERT), ca_file=authority.file, **chosen)
    assert (reason is None) is shown


#: Way → what the endpoint wants in its Authorization header.
WAYS = {
    AuthType.BASIC: "Basic dXNlcjpwYXNz",
    AuthType.OAUTH2: "Bearer",
    AuthType.TLS_CERT: "",
}


@pytest.mark.parametrize("shown", [True, False], ids=["our certificate", "none"])
@pytest.mark.parametrize("kind", WAYS, ids=str)
def test_every_way_over_tls_to_a_server_that_demands_our_certificate(
    db: Db, mongo_uri: str, tmp_path: Path, kind: AuthType, shown: bool
) -> None:
    authority = Authority(tmp_path)
    certificate, key = authority.issue("receiver")
    own, own_key = authority.issue("vnfm")
    demanding = {"ssl_ca_certs": authority.file, "ssl_cert_reqs": ssl.CERT_REQUIRED}
    chosen: dict[str, Any] = {"client_cert_file": own, "client_key_file": own_key} if shown else {}
    with receiving(ssl_certfile=certificate, ssl_keyfile=key, **demanding) as app:
        scene = Scene(db, mongo_uri, app, ca_file=authority.file, callback_timeout=5.0, **chosen)
        token = {"clientId": "vnfm", "clientPassword": "token secret", "tokenEndpoint": f"{app.url}/token/t"}
        params = {AuthType.BASIC: {"userName": "user", "password": "pass"}, AuthType.OAUTH2: token}
        if WAYS[kind]:
            app.wants["one"] = WAYS[kind]
        made = scene.subscribe("one", Way(kind, params.get(kind, {})))
        operation = scene.live()
        with scene.relay():
            if shown:
                app.wait(lambda: scene.states("one", operation) == list(LIFE))
            else:
                app.wait(lambda: bool(scene.notifications.parked(TENANT, [made.id])))
    assert bool(app.log) is shown
    assert bool(app.tokens) is (shown and kind is AuthType.OAUTH2)
