"""Finds what a call in doubt may have left, by the name that it was to have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from vnfm.vim.cloudstack import network, placement, securitygroups, server, snapshots, storage
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Kind, Trace


def find(site: Site, trace: Trace) -> Sequence[str]:
    """Ids of what is of this kind and has this name."""
    return FINDERS[trace.kind](site, trace)


def _snapshots(site: Site, trace: Trace) -> Sequence[str]:
    return [found.id for found in snapshots.find(site, trace.holder, trace.name)]


def _volume_snapshots(site: Site, trace: Trace) -> Sequence[str]:
    return [found.id for found in snapshots.find_of_volume(site, trace.holder, trace.name)]


FINDERS: Mapping[Kind, Callable[[Site, Trace], Sequence[str]]] = {
    Kind.SERVER: lambda site, trace: server.find(site, trace.name),
    Kind.VOLUME: lambda site, trace: storage.find(site, trace.name),
    Kind.NETWORK: lambda site, trace: network.find(site, trace.name),
    Kind.AFFINITY_GROUP: lambda site, trace: placement.find(site, trace.name),
    Kind.SECURITY_GROUP: lambda site, trace: securitygroups.find(site, trace.name),
    Kind.SNAPSHOT: _snapshots,
    Kind.VOLUME_SNAPSHOT: _volume_snapshots,
}
