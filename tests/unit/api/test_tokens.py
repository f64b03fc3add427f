"""Signing, believing, forgetting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from joserfc import jwk, jwt

from vnfm.api import tokens as module
from vnfm.api.tokens import TokenError, Tokens
from vnfm.domain.principal import Principal

WHO = Principal("nfvo", "tenant-a", frozenset({"nfvo"}))


class World:
    """A clock and a key store to turn by hand."""

    def __init__(self, kind: str = "oct") -> None:
        self.time = 1_000_000.0
        self.kind = kind
        self.fetched = 0
        self.key = self.new_key()

    def new_key(self) -> Mapping[str, Any]:
        made: Any = jwk.ECKey.generate_key("P-256") if self.kind == "EC" else jwk.OctKey.generate_key(256)
        return {**made.as_dict(private=True), "kid": "k1"}

    def fetch(self) -> Mapping[str, Any]:
        self.fetched += 1
        return self.key

    def tokens(self) -> Tokens:
        return Tokens(self.fetch, lambda: self.time, lifetime=3600)


@pytest.mark.parametrize("kind", ["oct", "EC"])
def test_what_one_process_issues_another_believes(kind: str) -> None:
    world = World(kind)
    token = world.tokens().issue(WHO)
    assert world.tokens().verify(token) == (WHO, 1_003_600.0)


def test_expires() -> None:
    world = World()
    tokens = world.tokens()
    token = tokens.issue(WHO)
    world.time += 3601
    with pytest.raises(TokenError, match="expired"):
        tokens.verify(token)


def forged(world: World, header: dict[str, Any], claims: dict[str, Any]) -> str:
    key = jwk.import_key({"kty": "oct", "k": "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"})
    return jwt.encode(header, claims, key, algorithms=["HS256"])


CLAIMS = {"sub": "x", "tenant": "t", "exp": 9_999_999_999}


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4IiwidGVuYW50IjoidCIsImV4cCI6OTk5OTk5OTk5OX0.",
        forged(World(), {"alg": "HS256"}, CLAIMS),
        forged(World(), {"alg": "HS256", "kid": "k1"}, CLAIMS),
    ],
)
def test_foreign_tokens_are_refused(token: str) -> None:
    with pytest.raises(TokenError, match="not valid"):
        World().tokens().verify(token)


@pytest.mark.parametrize("claim", ["sub", "tenant", "exp"])
def test_our_own_signature_is_not_enough(claim: str) -> None:
    world = World()
    claims = {key: value for key, value in CLAIMS.items() if key != claim}
    token = jwt.encode({"alg": "HS256"}, claims, jwk.import_key(dict(world.key)))
    with pytest.raises(TokenError):
        world.tokens().verify(token)


def test_a_new_key_is_noticed_but_not_asked_for_at_each_forgery() -> None:
    world = World()
    tokens = world.tokens()
    tokens.verify(tokens.issue(WHO))
    world.key = world.new_key()
    fresh = world.tokens().issue(WHO)
    fetched = world.fetched
    for _ in range(3):
        with pytest.raises(TokenError):
            tokens.verify(fresh)
    assert world.fetched == fetched
    world.time += 31
    assert tokens.verify(fresh)[0] == WHO


def test_recall_forgets_by_time_and_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CAPACITY", 2)
    world = World()
    tokens = world.tokens()
    for name in ("a", "b", "c"):
        tokens.remember(name, WHO, world.time + 3600)
    assert [tokens.recall(name) for name in ("a", "b", "c")] == [None, WHO, WHO]
    world.time += 61
    assert tokens.recall("b") is None


def test_recall_never_outlives_the_token() -> None:
    world = World()
    tokens = world.tokens()
    tokens.remember("a", WHO, world.time + 5)
    world.time += 6
    assert tokens.recall("a") is None
