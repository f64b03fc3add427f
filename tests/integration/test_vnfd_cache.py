"""The cache of VNFDs: it asks seldom, and yet finds out what has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.packages import AnyPackage
from vnfm.errors import Permanent
from vnfm.services.vnfds import TRUST, VnfdCache
from vnfm.store.client import Db
from vnfm.store.packages import Packages
from vnfm.vnfd.document import to_document


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def put(db: Db, version: str, vnfd_id: str = "d", tenant: str = "t") -> None:
    vnfd = AnyPackage().read(vnfd_id.encode()).vnfd
    Packages(db).put(tenant, vnfd_id, version, to_document(replace(vnfd, version=version)))


def test_a_change_is_seen_when_the_trust_has_run_out(db: Db) -> None:
    clock = Clock()
    cache = VnfdCache(Packages(db), clock=clock)
    put(db, "1")
    first = cache.load("t", "d")
    put(db, "2")
    clock.now = TRUST - 0.1
    assert cache.load("t", "d") is first
    clock.now = TRUST + 0.1
    assert cache.load("t", "d").version == "2"


def test_what_has_not_changed_is_built_once(db: Db) -> None:
    clock = Clock()
    cache = VnfdCache(Packages(db), clock=clock)
    put(db, "1")
    first = cache.load("t", "d")
    clock.now = TRUST + 0.1
    assert cache.load("t", "d") is first


def test_what_is_gone_is_missed(db: Db) -> None:
    clock = Clock()
    cache = VnfdCache(Packages(db), clock=clock)
    put(db, "1")
    cache.load("t", "d")
    db["vnfds"].delete_many({})
    clock.now = TRUST + 0.1
    assert cache.find("t", "d") is None
    with pytest.raises(Permanent, match="VNFD d has vanished"):
        cache.load("t", "d")


def test_a_tenant_sees_only_its_own(db: Db) -> None:
    cache = VnfdCache(Packages(db))
    put(db, "1", tenant="a")
    assert cache.find("a", "d") is not None
    assert cache.find("b", "d") is None


def test_the_least_used_is_given_up(db: Db) -> None:
    cache = VnfdCache(Packages(db), size=2)
    for vnfd_id in ("a", "b", "c"):
        put(db, "1", vnfd_id)
    a, b = cache.load("t", "a"), cache.load("t", "b")
    assert cache.load("t", "a") is a
    cache.load("t", "c")
    assert cache.load("t", "a") is a
    assert cache.load("t", "b") is not b
