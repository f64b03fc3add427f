"""The VIM port for CloudStack: each method hands over to the module of its noun."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vnfm.outbound import Line
from vnfm.vim.cloudstack import compute, jobs, network, placement, removal, server, settings, storage
from vnfm.vim.cloudstack.cache import Cache
from vnfm.vim.cloudstack.client import Client
from vnfm.vim.cloudstack.scope import Site
from vnfm.vim.port import (
    ComputeChoice,
    ComputeNeed,
    GroupSpec,
    NetworkSpec,
    Outcome,
    Resource,
    Scope,
    Server,
    ServerSpec,
    Survey,
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
        return compute.choose(self.site, need)

    def check_network(self, network_id: str) -> str:
        return network.check(self.site, network_id)

    def create_network(self, spec: NetworkSpec) -> Outcome:
        return network.create(self.site, spec)

    def find_networks(self, name: str) -> Sequence[str]:
        return network.find(self.site, name)

    def create_group(self, spec: GroupSpec) -> Outcome:
        return placement.create(self.site, spec)

    def find_groups(self, name: str) -> Sequence[str]:
        return placement.find(self.site, name)

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

    def create_volume(self, spec: VolumeSpec) -> Outcome:
        return storage.create(self.site, spec)

    def find_volumes(self, name: str) -> Sequence[str]:
        return storage.find(self.site, name)

    def attach_volume(self, volume_id: str, server_id: str) -> Outcome:
        return storage.attach(self.site, volume_id, server_id)

    def list_volumes(self, server_id: str) -> Sequence[str]:
        return storage.attached(self.site, server_id)

    def poll(self, job: str) -> Outcome:
        return jobs.poll(self.site.client, job)

    def remove(self, resource: Resource) -> Outcome:
        return removal.remove(self.site, resource)
