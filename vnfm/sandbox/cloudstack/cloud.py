"""One emulated cloud put together: world, jobs, faults, API, and the threads that clean up on their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vnfm.sandbox.cloudstack import lifecycle, seed
from vnfm.sandbox.cloudstack.api import Api
from vnfm.sandbox.cloudstack.clock import Clock
from vnfm.sandbox.cloudstack.faults import Faults
from vnfm.sandbox.cloudstack.jobs import Jobs
from vnfm.sandbox.cloudstack.nics import shut_down
from vnfm.sandbox.cloudstack.world import World

RECONNECT = 10.0  # seconds after a boot until the hosts show as connected
TICK = 0.25  # how often the cleaners look


class Cloud:
    """What a server serves. `reset` starts over with the same seeds."""

    def __init__(self, seeds: Sequence[seed.Entry] = (), *, job_seconds: float = 1.0) -> None:
        self.seeds = list(seeds) or [seed.read(seed.RECORDED), seed.read(seed.DEMO)]
        self.job_seconds = job_seconds
        self.faults = Faults()
        self.start()

    def start(self) -> None:
        self.world = World(Clock())
        self.world.settings.put("sandbox.job.seconds", self.job_seconds)
        for entry in self.seeds:
            seed.fill(self.world, entry)
        self.faults.clear()
        self.jobs = Jobs(self.world, self.faults)
        self.api = Api(self.world, self.faults, self.jobs)
        now = self.world.clock.now()
        self.last_run = {"expunge.interval": now, "network.gc.interval": now, "vm.stats.interval": now}

    def reset(self) -> None:
        self.jobs.cut_off()
        self.start()

    def boot(self) -> None:
        """What the server does when it comes up after a crash."""
        self.jobs.cut_off()
        self.world.booted = self.world.clock.now()
        self.world.hosts_back = self.world.booted + RECONNECT

    def clean(self, *, at_once: bool = False) -> None:
        """Run each cleaner whose interval has passed."""
        settings = self.world.settings
        if at_once or self.due("expunge.interval", settings.number("expunge.interval")):
            self.purge()
        if at_once or self.due("network.gc.interval", settings.number("network.gc.interval")):
            self.collect_networks()
        if self.due("vm.stats.interval", settings.number("vm.stats.interval") / 1000):
            self.measure()
        self.jobs.expire(settings.number("job.expire.minutes") * 60)

    def due(self, name: str, seconds: float) -> bool:
        now = self.world.clock.now()
        if now - self.last_run[name] < seconds:
            return False
        self.last_run[name] = now
        return True

    def purge(self) -> None:
        """Destroyed and Error VMs go after expunge.delay, and free their names."""
        limit = self.world.clock.now() - self.world.settings.number("expunge.delay")
        for vm in self.world.vms:
            if vm.state in ("Destroyed", "Expunging", "Error") and (vm.updated or vm.created) <= limit:
                lifecycle.expunge(self.world, vm)

    def collect_networks(self) -> None:
        limit = self.world.clock.now() - self.world.settings.number("network.gc.wait")
        for network in self.world.networks:
            idle = network.idle_since
            if network.state == "Implemented" and idle is not None and idle <= limit:
                shut_down(network)

    def measure(self) -> None:
        """The statistics collector: a VM that ran when it came by shows usage from then on."""
        for vm in self.world.vms:
            if vm.state == "Running":
                vm.measured = True


def replay_seed() -> list[seed.Entry]:
    """The recorded world alone, as the recordings found it."""
    return [seed.read(seed.RECORDED)]


def demo_seed(extra: Path | None = None) -> list[seed.Entry]:
    """The recorded world, enlarged for the demo, and what a file adds."""
    seeds = [seed.read(seed.RECORDED), seed.read(seed.DEMO)]
    return [*seeds, seed.read(extra)] if extra else seeds
