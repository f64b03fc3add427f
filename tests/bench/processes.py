"""Starts the programs that are measured, as an operator would: ``vnfm api`` and ``vnfm worker``."""

from __future__ import annotations

import dataclasses
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import httpx

from vnfm.sandbox.process import Process, free_port, is_listening
from vnfm.settings import Settings

PATIENCE = 30.0


def environment(settings: Settings) -> Mapping[str, str]:
    """Settings as an operator gives them."""
    values = dataclasses.asdict(settings)
    return {**os.environ, **{f"VNFM_{name.upper()}": _spell(value) for name, value in values.items()}}


def _spell(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, frozenset | tuple) else str(value)


def _module(name: str, settings: Settings, logs: Path, *arguments: str) -> Process:
    log = logs / f"{name.replace(' ', '-')}-{time.monotonic_ns()}.log"
    return Process(name, [sys.executable, "-m", *arguments], log, environment(settings))


@contextmanager
def running_api(settings: Settings, logs: Path) -> Iterator[tuple[Process, str, float]]:
    """An API process, its address, and the seconds from its start to the first 200 for its health."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    process = _module(
        "api", dataclasses.replace(settings, api_port=port, external_url=url), logs, "vnfm", "api"
    )
    try:
        with httpx.Client(trust_env=False) as client:
            while not _is_healthy(client, url):
                process.require_alive()
                if time.monotonic() - begun > PATIENCE:
                    raise TimeoutError(f"no health after {PATIENCE:g} s:\n{process.tail()}")
                time.sleep(0.005)
        yield process, url, time.monotonic() - begun
    finally:
        process.stop()


def _is_healthy(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(f"{url}/gateway/v1/health").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def running_ceiling(settings: Settings, logs: Path) -> Iterator[tuple[Process, str]]:
    """The ceiling's process and address."""
    port = free_port()
    process = _module("ceiling", settings, logs, "tests.bench.ceiling", str(port), settings.mongo_database)
    try:
        process.wait_until(partial(is_listening, port), PATIENCE)
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.stop()


def running_worker(settings: Settings, logs: Path) -> AbstractContextManager[Process]:
    """A worker process."""
    return _running("worker", settings, logs)


def running_relay(settings: Settings, logs: Path) -> AbstractContextManager[Process]:
    """A relay process."""
    return _running("relay", settings, logs)


@contextmanager
def _running(verb: str, settings: Settings, logs: Path) -> Iterator[Process]:
    process = _module(verb, settings, logs, "vnfm", verb)
    try:
        yield process
        process.require_alive()
    finally:
        process.stop()
