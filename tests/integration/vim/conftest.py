"""The emulated CloudStack, started once and emptied before each test."""

from collections.abc import Iterator

import pytest

from tests.integration.vim.cloud import Cloud
from vnfm.sandbox.cloudstack import cloud as emulator
from vnfm.sandbox.cloudstack.serve import Background


@pytest.fixture(scope="session")
def running() -> Iterator[Cloud]:
    with Background(emulator.Cloud(emulator.demo_seed(), job_seconds=0.05)) as server:
        cloud = Cloud(server.url, server.control_url)
        yield cloud
        cloud.outbound.close()


@pytest.fixture
def cloud(running: Cloud) -> Cloud:
    running.tell("reset")
    return running
