"""Global settings of the emulated server, by their real names, and a few of the sandbox's own."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULTS: dict[str, str] = {
    "allow.user.expunge.recover.vm": "false",
    "allow.user.view.destroyed.vm": "false",
    "api.throttling.enabled": "false",
    "api.throttling.interval": "1",
    "api.throttling.max": "25",
    "default.page.size": "500",
    "enable.dynamic.scale.vm": "false",
    "enforce.post.requests.and.timestamps": "false",
    "expunge.delay": "86400",
    "expunge.interval": "86400",
    "guest.domain.suffix": "cloud.internal",
    "job.expire.minutes": "1440",
    "network.gc.interval": "600",
    "network.gc.wait": "600",
    "storage.cleanup.interval": "86400",
    "vm.stats.interval": "60000",
    "vm.userdata.max.length": "32768",
    # the sandbox's own, unknown to a real server
    "sandbox.addresses": "random",  # as the real server picks guest addresses; or "first": the lowest
    "sandbox.clock.skew": "0",
    "sandbox.hosts.full": "false",
    "sandbox.jitter.seconds": "0.014",  # with the race below: as often twins as measured on the real server
    "sandbox.job.seconds": "1",
    "sandbox.race.seconds": "0.004",
    "sandbox.reply.seconds": "0",
}


class Settings:
    """Values are strings, as CloudStack keeps them; readers convert."""

    def __init__(self) -> None:
        self.values = dict(DEFAULTS)
        self.shipped = dict(DEFAULTS)

    def load(self, values: Mapping[str, object]) -> None:
        for name, value in values.items():
            self.put(name, value)

    def put(self, name: str, value: object) -> None:
        """Unknown names are refused: a typo in a test must not silently change nothing."""
        if name not in self.values:
            raise KeyError(name)
        self.values[name] = str(value).lower() if isinstance(value, bool) else str(value)

    def text(self, name: str) -> str:
        return self.values[name]

    def flag(self, name: str) -> bool:
        return self.values[name].lower() == "true"

    def number(self, name: str) -> float:
        return float(self.values[name])
