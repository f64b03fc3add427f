"""What a page of a list costs in a short and in a long one: the same 100 of 1,000 and of 100,000 instances.

Wall-clock time of single requests, one tenant's and the other's in turns, because most of it is MongoDB's.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from vnfm.settings import Settings
from vnfm.store.client import Db, Document, connect

SIZES = {"short": 1_000, "long": 100_000}
PAGE = 100
ROUNDS = 60
_BATCH = 2_000
_PATH = "/vnflcm/v2/vnf_instances"
QUERY = {
    "filter": "(eq,vnfdId,wanted);(eq,instantiationState,INSTANTIATED)",
    "fields": "vnfInstanceName,instantiatedVnfInfo/vnfState",
}


@dataclass(frozen=True)
class Times:
    """Median milliseconds of a page, of the short list and of the long one."""

    short: float
    long: float

    @property
    def ratio(self) -> float:
        """How much longer the long one's page takes."""
        return self.long / self.short


def fill(settings: Settings, model_id: str) -> None:
    """Copies of one instance for the tenants ``short`` and ``long``. Half have the VNFD that is looked for,
    three quarters are instantiated."""
    db = connect(settings.mongo_uri, settings.mongo_database)
    model = db["vnf_instances"].find_one({"_id": model_id}) or {}
    for tenant, count in SIZES.items():
        for start in range(0, count, _BATCH):
            _insert(db, model, tenant, range(start, min(start + _BATCH, count)))
    db.client.close()


def _insert(db: Db, model: Document, tenant: str, numbers: range) -> None:
    offset = list(SIZES).index(tenant)
    db["vnf_instances"].insert_many(
        [
            {
                **model,
                "_id": str(UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128 ^ offset)),
                "tenant": tenant,
                "name": f"vnf-{number}",
                "vnfd_id": "wanted" if number % 2 else "other",
                "state": "INSTANTIATED" if number % 4 < 3 else "NOT_INSTANTIATED",
                "metadata": {"number": number},
            }
            for number in numbers
        ],
        ordered=False,
    )


def time_pages(client: httpx.Client, headers: dict[str, dict[str, str]], query: dict[str, str]) -> Times:
    """Ask both lists in turns; every answer has a full page."""
    taken: dict[str, list[float]] = {tenant: [] for tenant in SIZES}
    for number in range(ROUNDS + 5):
        for tenant in SIZES if number % 2 else reversed(SIZES):
            begun = time.perf_counter()
            answer = client.get(_PATH, params=query, headers=headers[tenant])
            spent = time.perf_counter() - begun
            entries: list[Any] = answer.raise_for_status().json()
            assert len(entries) == PAGE, len(entries)
            if number >= 5:  # the first ones warm up
                taken[tenant].append(spent * 1000)
    return Times(*(statistics.median(taken[tenant]) for tenant in ("short", "long")))
