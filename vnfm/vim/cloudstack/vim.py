"""The VIM port for CloudStack: each method hands over to the module of its noun."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vnfm.outbound import Line
from vnfm.vim.cloudstack import (
    addresses,
    compute,
    egress,
    jobs,
    network,
    nics,
    placement,
    quotas,
    removal,
    securitygroups,
    server,
    settings,
    sizing,
    snapshots,
    storage,
    traces,
)
from vnfm.vim.cloudstack.cache import Cache
from vnfm.vim.cloudstack.client import Client
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import (
    Address,
    ComputeChoice,
    ComputeNeed,
    GroupRule,
    GroupSpec,
    NetworkSpec,
    NicSpec,
    Outcome,
    PortSpec,
    Resource,
    RoomSpec,
    Scope,
    Server,
    ServerSpec,
    Snapshot,
    SnapshotSpec,
    Survey,
    Trace,
    VimConnection,
    VimFacts,
    VolumeSpec,
)

#: Gives the line to an endpoint, with an additional CA certificate: ``Outbound.line``.
OpenLine = Callable[[str, str | None], Line]


def connect(
    connection: VimConnection,
    scope: Scope,
    open_line: OpenLine,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
) -> CloudStackVim:
    """A CloudStack bound to one scope. Makes no call yet; ``Permanent`` names what the connection lacks.

    Keep the object: it remembers zones, offerings and templates for a minute.
    """
    read = settings.parse(connection, scope)
    client = Client(
        line=open_line(read.endpoint, read.ca_certificate),
        endpoint=read.endpoint,
        api_key=read.api_key,
        secret=read.secret,
        encoded=read.encoded_responses,
        clock=clock,
        sleep=sleep,
        jitter=jitter,
    )
    return CloudStackVim(Site(client=client, settings=read, cache=Cache(clock)))


@dataclass(frozen=True, slots=True)
class CloudStackVim:
    """Implements ``vnfm.vim.port.Vim``. Thread-safe."""

    site: Site

    def check(self) -> VimFacts:
        rights, place = self.site.rights(), self.site.place()
        return VimFacts(
            version=rights.version,
            zone_id=place.zone_id,
            zone_name=place.zone_name,
            project_id=place.project_id,
            may_expunge=rights.may_expunge,
            is_root_admin=rights.is_root_admin,
        )

    def choose_compute(self, need: ComputeNeed) -> ComputeChoice:
        return self.site.cache.sure(lambda: compute.choose(self.site, need))

    def check_network(self, network_id: str) -> str:
        return self.site.cache.sure(lambda: network.check(self.site, network_id))

    def create_network(self, spec: NetworkSpec) -> Outcome:
        return network.create(self.site, spec)

    def create_group(self, spec: GroupSpec) -> Outcome:
        return placement.create(self.site, spec)

    def why_unguarded(self, network_ids: Sequence[str]) -> str | None:
        return securitygroups.obstacle(self.site, network_ids)

    def create_security_group(self, name: str, description: str) -> Outcome:
        return securitygroups.create(self.site, name, description)

    def permit(self, group_id: str, rule: GroupRule) -> Outcome:
        return securitygroups.permit(self.site, group_id, rule)

    def find_missing(self, group_id: str, rules: Sequence[GroupRule]) -> Sequence[GroupRule]:
        return securitygroups.missing(self.site, group_id, rules)

    def create_server(self, spec: ServerSpec) -> Outcome:
        return server.create(self.site, spec)

    def start_server(self, server_id: str) -> Outcome:
        return server.start(self.site, server_id)

    def stop_server(self, server_id: str, *, force: bool) -> Outcome:
        return server.stop(self.site, server_id, force)

    def survey_server(self, spec: ServerSpec, recorded_id: str | None) -> Survey:
        return server.survey(self.site, spec, recorded_id)

    def read_server(self, server_id: str) -> Server | None:
        return server.read(self.site, server_id)

    def reboot_server(self, server_id: str) -> Outcome:
        return server.reboot(self.site, server_id)

    def rebuild_server(self, server_id: str, image_id: str | None, root_disk: int | None) -> Outcome:
        return server.rebuild(self.site, server_id, image_id, root_disk)

    def set_user_data(self, server_id: str, user_data: str) -> Outcome:
        return server.set_user_data(self.site, server_id, user_data)

    def resize_server(self, server_id: str, compute: ComputeChoice) -> Outcome:
        return sizing.resize(self.site, server_id, compute)

    def can_resize_live(self, server: Server, compute: ComputeChoice) -> str | None:
        return sizing.obstacle(self.site, server.id, compute)

    def set_groups(self, server_id: str, group_ids: Sequence[str]) -> Outcome:
        return placement.assign(self.site, server_id, group_ids)

    def attach_nic(self, server_id: str, nic: NicSpec) -> Outcome:
        return nics.attach(self.site, server_id, nic)

    def detach_nic(self, server_id: str, nic_id: str) -> Outcome:
        return nics.detach(self.site, server_id, nic_id)

    def make_default_nic(self, server_id: str, nic_id: str) -> Outcome:
        return nics.make_default(self.site, server_id, nic_id)

    def change_address(self, nic_id: str, address: str) -> Outcome:
        return nics.change_address(self.site, nic_id, address)

    def reserve_address(self, nic_id: str, address: str | None) -> Outcome:
        return nics.reserve_address(self.site, nic_id, address)

    def create_snapshot(self, server_id: str, spec: SnapshotSpec) -> Outcome:
        return snapshots.create(self.site, server_id, spec)

    def find_snapshots(self, server_id: str, name: str | None = None) -> Sequence[Snapshot]:
        return snapshots.find(self.site, server_id, name)

    def revert_snapshot(self, snapshot_id: str) -> Outcome:
        return snapshots.revert(self.site, snapshot_id)

    def create_volume(self, spec: VolumeSpec) -> Outcome:
        return storage.create(self.site, spec)

    def attach_volume(self, volume_id: str, server_id: str) -> Outcome:
        return storage.attach(self.site, volume_id, server_id)

    def list_volumes(self, server_id: str) -> Sequence[str]:
        return storage.attached(self.site, server_id)

    def resize_volume(self, volume_id: str, size: int) -> Outcome:
        return storage.resize(self.site, volume_id, size)

    def detach_volume(self, volume_id: str) -> Outcome:
        return storage.detach(self.site, volume_id)

    def create_volume_snapshot(self, volume_id: str, name: str) -> Outcome:
        return snapshots.create_of_volume(self.site, volume_id, name)

    def find_volume_snapshots(self, volume_id: str, name: str | None = None) -> Sequence[Snapshot]:
        return snapshots.find_of_volume(self.site, volume_id, name)

    def revert_volume_snapshot(self, snapshot_id: str) -> Outcome:
        return snapshots.revert_volume(self.site, snapshot_id)

    def acquire_address(self, network_id: str) -> Outcome:
        return addresses.acquire(self.site, network_id)

    def find_addresses(self, network_id: str) -> Sequence[Address]:
        return addresses.find(self.site, network_id)

    def map_address(
        self, address_id: str, server_id: str, network_id: str | None = None, guest_address: str | None = None
    ) -> Outcome:
        return addresses.map_to(self.site, address_id, server_id, network_id, guest_address)

    def open_port(self, address_id: str, spec: PortSpec) -> Outcome:
        return addresses.open_port(self.site, address_id, spec)

    def find_ports(self, address_id: str, spec: PortSpec) -> Sequence[str]:
        return addresses.find_ports(self.site, address_id, spec)

    def filters_egress(self, network_id: str) -> bool | None:
        return egress.is_filtered(self.site, network_id)

    def open_egress(self, network_id: str, spec: PortSpec) -> Outcome:
        return egress.create(self.site, network_id, spec)

    def find_egress(self, network_id: str, spec: PortSpec) -> Sequence[str]:
        return egress.find(self.site, network_id, spec)

    def check_room(self, spec: RoomSpec) -> None:
        quotas.check(self.site, spec)

    def check_volumes(self, volumes: Sequence[VolumeSpec]) -> None:
        for spec in volumes:
            storage.choose(self.site, spec)

    def poll(self, job: str) -> Outcome:
        return jobs.poll(self.site.client, job)

    def find(self, trace: Trace) -> Sequence[str]:
        return traces.find(self.site, trace)

    def remove(self, resource: Resource) -> Outcome:
        return removal.remove(self.site, resource)
