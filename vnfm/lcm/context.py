"""What a step sees of the world: its operation, the instance, the deployment, and the ports.

A context lives for one slice. Everything slow is fetched when first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

from vnfm.domain import reshaping, standing
from vnfm.domain.deployment import Deployment, lay_out, pick_flavour
from vnfm.domain.instance import Instance
from vnfm.domain.operation import Operation, OperationType
from vnfm.domain.outside import DeploymentError
from vnfm.domain.renaming import Renaming, find_way
from vnfm.domain.snapshot import SnapshotInfo
from vnfm.domain.vnfd import Flavour, Vnfd
from vnfm.engine.retry import next_pause
from vnfm.errors import Permanent
from vnfm.nfvo.port import Nfvo
from vnfm.vim.port import Scope, Vim, VimConnection


class InstanceStore(Protocol):
    """What steps need of the store's instances."""

    def get(self, tenant: str, instance_id: str) -> Instance | None:
        """The instance, or None."""
        ...

    def update(self, tenant: str, instance_id: str, changes: Mapping[str, Any]) -> Instance | None:
        """Set fields and raise the revision."""
        ...


class SecretStore(Protocol):
    """The door to stored secrets."""

    def put(self, tenant: str, name: str, value: Mapping[str, Any]) -> None:
        """Store or replace."""
        ...

    def get(self, tenant: str, name: str) -> Mapping[str, Any] | None:
        """The value, or None."""
        ...

    def delete(self, tenant: str, prefix: str) -> None:
        """Forget every value whose name begins with ``prefix``."""
        ...


class SnapshotStore(Protocol):
    """What steps need of the store's VNF snapshots."""

    def get(self, tenant: str, snapshot_id: str) -> SnapshotInfo | None:
        """The snapshot, or None."""
        ...

    def fill(self, tenant: str, snapshot_id: str, changes: Mapping[str, Any]) -> bool:
        """Set fields; False if it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """The settings that steps read; seconds. ``external_url`` is where links in grant requests point."""

    external_url: str
    poll_pause: float
    purge_patience: float
    purge_policy: str
    job_patience: float = 7_200.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The adapters, as bootstrap made them."""

    instances: InstanceStore
    secrets: SecretStore
    nfvo: Nfvo
    load_vnfd: Callable[[str, str], Vnfd]
    connect_vim: Callable[[VimConnection, Scope], Vim]
    policy: Policy
    snapshots: SnapshotStore | None = None


def secret_name(instance_id: str, connection_id: str) -> str:
    """Where the accessInfo of a VIM connection of an instance lies."""
    return f"vim/{instance_id}/instance/{connection_id}"


def operation_secret_name(instance_id: str, operation_id: str, connection_id: str) -> str:
    """Where accessInfo lies that came with an operation; it becomes the instance's when that completes."""
    return f"vim/{instance_id}/{operation_id}/{connection_id}"


class Context:
    """One operation's view of the world, for one slice. ``now`` is the database server's time."""

    def __init__(self, ports: Ports, operation: Operation, now: datetime) -> None:
        self.ports = ports
        self.op = operation
        self.now = now

    @property
    def policy(self) -> Policy:
        """The settings that steps read."""
        return self.ports.policy

    @property
    def snapshots(self) -> SnapshotStore:
        """The VNF snapshots of the database."""
        if self.ports.snapshots is None:
            raise Permanent("this worker has no store of VNF snapshots")
        return self.ports.snapshots

    def elapsed(self, since: str) -> float:
        """Seconds since a time that a memo has in ISO 8601."""
        return (self.now - datetime.fromisoformat(since)).total_seconds()

    def pause(self, looks: int) -> float:
        """Seconds to wait before look number ``looks`` at a VIM job."""
        return next_pause(self.policy.poll_pause, looks)

    @cached_property
    def instance(self) -> Instance:
        """The VNF instance as it was when this slice first asked, under the names of the VNFD that this
        operation leads to."""
        return self.renaming.instance(self.stored) if self.renaming.names else self.stored

    @cached_property
    def stored(self) -> Instance:
        """The same under the names it is stored with."""
        found = self.ports.instances.get(self.op.tenant, self.op.vnf_instance_id)
        if found is None:
            raise Permanent(f"the VNF instance {self.op.vnf_instance_id} has vanished from the database")
        return found

    @cached_property
    def vnfd(self) -> Vnfd:
        """The VNFD that what this operation makes is made by: the instance's, or the one it changes to."""
        if self.op.type is OperationType.CHANGE_VNFPKG:
            return self.ports.load_vnfd(self.op.tenant, self.op.params["vnfdId"])
        return self.source_vnfd

    @cached_property
    def source_vnfd(self) -> Vnfd:
        """The instance's VNFD."""
        return self.ports.load_vnfd(self.op.tenant, self.stored.vnfd_id)

    @cached_property
    def renaming(self) -> Renaming:
        """From the stored names of components to those of the VNFD that this operation leads to; nothing is
        renamed any more once the record is written."""
        stored = self.stored
        if self.op.type is not OperationType.CHANGE_VNFPKG or stored.vnfd_id == self.op.params["vnfdId"]:
            return Renaming()
        return find_way(self.source_vnfd, self.vnfd, self._stored_flavour()).renaming

    @cached_property
    def former_flavour(self) -> Flavour:
        """The flavour the instance is in, under the same names as ``instance``."""
        return self.renaming.flavour(self._stored_flavour())

    def _stored_flavour(self) -> Flavour:
        return standing.flavour_of(self.stored, self.source_vnfd)

    @property
    def grant(self) -> Mapping[str, Any]:
        """The grant, without secrets; {} before it was obtained, or where none is needed."""
        asked = (entry for entry in self.op.steps if entry.name == "request_grant")
        return next((entry.result.get("grant", {}) for entry in asked), {})

    @cached_property
    def deployment(self) -> Deployment:
        """What this operation makes: a whole VNF, or VNFCs that join one."""
        try:
            return self._whole() if self.op.type is OperationType.INSTANTIATE else self._addition()
        except DeploymentError as exc:
            raise Permanent(str(exc)) from exc

    def _whole(self) -> Deployment:
        """The grant's virtual links override the request's."""
        names = ("extVirtualLinks", "extManagedVirtualLinks")
        given = {key: self.grant[key] for key in names if key in self.grant}
        return lay_out(self.op.id, self.vnfd, {**self.op.params, **given}, self.hint, final=True)

    def _addition(self) -> Deployment:
        keys = self._targets("deploy_vnfc")
        goal = self._targets("finalise_reshape")
        if goal:
            flavour = pick_flavour(self.vnfd, goal[0].partition("?")[0])
            return standing.grow_into(
                self.op.id,
                self.instance,
                flavour,
                keys,
                self.hint,
                ext_links=self.ext_virtual_links,
                managed=self._managed_links(),
                new_links=self._targets("create_network"),
                new_groups=self._targets("create_group"),
                new_disks=[one for one in self._targets("add_volume") if one.partition("/")[0] not in keys],
            )
        return standing.grow(self.op.id, self.vnfd, self.instance, keys, self.hint)

    def _targets(self, step: str) -> list[str]:
        return [entry.target for entry in self.op.steps if entry.name == step]

    def _managed_links(self) -> Mapping[str, Mapping[str, Any]]:
        name = "extManagedVirtualLinks"
        given = self.grant.get(name) or self.op.params.get(name) or []
        return {link["vnfVirtualLinkDescId"]: link for link in given}

    @property
    def hint(self) -> str:
        """What names in the VIM begin with, for people to read."""
        return self.instance.name or "vnf"

    @property
    def ext_virtual_links(self) -> list[Mapping[str, Any]]:
        """The external virtual links in force for this operation, as ExtVirtualLinkData."""
        if self.op.type is OperationType.INSTANTIATE:
            return list(self.grant.get("extVirtualLinks") or self.op.params.get("extVirtualLinks") or [])
        goal = self._targets("finalise_reshape")
        if goal:
            given = self.grant.get("extVirtualLinks") or self.op.params.get("extVirtualLinks") or []
            flavour = pick_flavour(self.vnfd, goal[0].partition("?")[0])
            return reshaping.merged_links(self.instance, flavour, given)
        return standing.ext_virtual_links(self.instance)

    def connection_info(self) -> Mapping[str, Any]:
        """All known VimConnectionInfo by id: the instance's, the request's, and new ones of the grant."""
        known = {**self.instance.vim_connection_info, **(self.op.params.get("vimConnectionInfo") or {})}
        return {**(self.grant.get("vimConnectionInfo") or {}), **known}

    @cached_property
    def connection_id(self) -> str:
        """The VIM connection this operation works through: the grant's choice, or the only one there is."""
        granted = {
            info["vimConnectionId"]
            for key in ("addResources", "removeResources", "updateResources")
            for info in self.grant.get(key) or []
            if info.get("vimConnectionId")
        }
        if len(granted) > 1:
            raise Permanent(
                f"the grant spreads one VNF over several VIM connections ({', '.join(sorted(granted))}); "
                "this VNFM places a VNF in one"
            )
        known = self.connection_info()
        if granted:
            chosen: str = granted.pop()
            if chosen not in known:
                raise Permanent(f"the grant names VIM connection {chosen!r}, which nobody described")
            return chosen
        if len(known) == 1:
            return next(iter(known))
        in_use = standing.connections(self.instance) & known.keys()
        if len(in_use) == 1:
            return in_use.pop()
        if not known:
            raise Permanent(
                "no VIM connection: give vimConnectionInfo in the request, or have the grant name one"
            )
        raise Permanent(
            f"several VIM connections ({', '.join(sorted(known))}) and no grant that chooses between them"
        )

    @cached_property
    def scope(self) -> Scope:
        """Where in the VIM the grant wants it."""
        zones = {zone["id"]: zone["zoneId"] for zone in self.grant.get("zones") or []}
        infos = self.grant.get("addResources") or []
        zone = next((zones.get(info["zoneId"]) for info in infos if info.get("zoneId")), None)
        project = next((info["resourceGroupId"] for info in infos if info.get("resourceGroupId")), None)
        placed = zone or next(iter(zones.values()), None) or standing.zone(self.instance)
        return Scope(zone=placed, project=project)

    @cached_property
    def vim(self) -> Vim:
        """The VIM. ``Permanent`` names what a connection lacks; nothing is sent yet."""
        info = self.connection_info()[self.connection_id]
        access = self.access_info(self.connection_id)
        connection = VimConnection(
            id=self.connection_id,
            vim_type=info.get("vimType", ""),
            interface=info.get("interfaceInfo") or {},
            access=access or {},
            extra=info.get("extra") or {},
        )
        return self.ports.connect_vim(connection, self.scope)

    def access_info(self, connection_id: str) -> Mapping[str, Any] | None:
        """The secret half of a VIM connection: as this operation brought it, else the instance's."""
        instance_id, tenant = self.op.vnf_instance_id, self.op.tenant
        brought = self.ports.secrets.get(
            tenant, operation_secret_name(instance_id, self.op.id, connection_id)
        )
        return brought or self.ports.secrets.get(tenant, secret_name(instance_id, connection_id))

    def forget_brought(self) -> None:
        """Forget the accessInfo this operation brought; what is still wanted is the instance's now."""
        self.ports.secrets.delete(
            self.op.tenant, operation_secret_name(self.op.vnf_instance_id, self.op.id, "")
        )

    def result(self, key: str) -> Mapping[str, Any]:
        """The journalled result of an earlier step."""
        return self.op.step(key).result
