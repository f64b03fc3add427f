"""Affinity groups. Their names are unique per account, race included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vnfm.vim.cloudstack import jobs, server
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import Finished, GroupSpec, Outcome

#: CloudStack's type by (anti, strict); the non-strict ones came with 4.18.
TYPES: Mapping[tuple[bool, bool], str] = {
    (True, True): "host anti-affinity",
    (True, False): "non-strict host anti-affinity",
    (False, True): "host affinity",
    (False, False): "non-strict host affinity",
}


def create(site: Site, spec: GroupSpec) -> Outcome:
    """Make the group; a second of its name is refused."""
    params = {
        "name": spec.name,
        "type": TYPES[spec.anti, site.settings.strict_placement],
        "description": spec.display_name or None,
        **site.place().owner,
    }
    return jobs.submit(site.client, "createAffinityGroup", params)


def find(site: Site, name: str) -> Sequence[str]:
    """Ids of groups of exactly this name."""
    rows = site.client.rows(
        "listAffinityGroups", "affinitygroup", name=name, listall=True, **site.place().owner
    )
    return [str(row["id"]) for row in rows if row.get("name") == name]


def assign(site: Site, server_id: str, group_ids: Sequence[str]) -> Outcome:
    """Replace a stopped server's groups, or ``Finished`` at once if it has just these."""
    row = server.look(site, server_id)
    if row is not None and set(server.server(row).group_ids) == set(group_ids):
        return Finished(server_id)
    params = {"id": server_id, "affinitygroupids": ",".join(group_ids)}
    return jobs.submit(site.client, "updateVMAffinityGroup", params, server_id)
