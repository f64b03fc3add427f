"""Where resources are found: absolute URIs under one API root, the same bytes wherever one is named."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

Link = dict[str, str]


@dataclass(frozen=True)
class Links:
    """The URIs of one API, for example all below ``https://vnfm.example/vnflcm/v2``."""

    root: str

    @classmethod
    @lru_cache(maxsize=64)
    def of(cls, base_url: str, path: str) -> Links:
        """Below the external base URL (without a slash at its end), under an API's path such as
        ``vnflcm/v2``."""
        return cls(f"{base_url}/{path}")

    def url(self, *path: str) -> str:
        """The URI of a path below the API root."""
        return "/".join((self.root, *path))

    def link(self, *path: str) -> Link:
        """A SOL013 Link to it."""
        return {"href": self.url(*path)}

    def instance(self, instance_id: str) -> str:
        """Where a VNF instance is found."""
        return f"{self.root}/vnf_instances/{instance_id}"

    def operation(self, operation_id: str) -> str:
        """Where an operation occurrence is found."""
        return self.url("vnf_lcm_op_occs", operation_id)

    def snapshot(self, snapshot_id: str) -> str:
        """Where a VNF snapshot is found."""
        return self.url("vnf_snapshots", snapshot_id)

    def subscription(self, subscription_id: str) -> str:
        """Where a subscription is found."""
        return self.url("subscriptions", subscription_id)
