"""The control door: for tests and the demo, not part of CloudStack. Faults, witnesses, settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from vnfm.sandbox.cloudstack import seed, witness
from vnfm.sandbox.cloudstack.cloud import Cloud
from vnfm.sandbox.cloudstack.refusal import Json

Facts = Mapping[str, str | int | float]
Reply = Callable[[Facts], Awaitable[Json]]


@dataclass
class Control:
    cloud: Cloud
    restart: Callable[[float], None]

    async def handle(self, method: str, path: str, facts: Facts) -> tuple[int, Json]:
        name = path.removeprefix("/control").strip("/")
        found = self.doors().get((method, name))
        if found is None:
            return 404, {
                "error": f"no {method} {path}",
                "doors": [f"{m} /control/{n}" for m, n in self.doors()],
            }
        return 200, await found(facts)

    def doors(self) -> dict[tuple[str, str], Reply]:
        return {
            ("GET", "world"): self.show_world,
            ("GET", "calls"): self.show_calls,
            ("GET", "credentials"): self.show_credentials,
            ("GET", "settings"): self.show_settings,
            ("POST", "settings"): self.change_settings,
            ("GET", "faults"): self.show_faults,
            ("POST", "faults"): self.plant,
            ("DELETE", "faults"): self.clear_faults,
            ("POST", "restart"): self.restart_server,
            ("POST", "expire-jobs"): self.expire_jobs,
            ("POST", "advance"): self.advance,
            ("POST", "measure"): self.measure,
            ("POST", "release"): self.release,
            ("POST", "seed"): self.add_seed,
            ("POST", "reset"): self.reset,
        }

    async def show_world(self, facts: Facts) -> Json:
        return witness.show(self.cloud.world)

    async def show_calls(self, facts: Facts) -> Json:
        return dict(self.cloud.api.calls)

    async def show_credentials(self, facts: Facts) -> Json:
        return {
            user.username: {"apikey": user.apikey, "secret": user.secret, "account": user.account.name}
            for user in self.cloud.world.users
        }

    async def show_settings(self, facts: Facts) -> Json:
        return dict(self.cloud.world.settings.values)

    async def change_settings(self, facts: Facts) -> Json:
        for name, value in facts.items():
            self.cloud.world.settings.put(name, value)
        return await self.show_settings({})

    async def show_faults(self, facts: Facts) -> Json:
        return {"faults": self.cloud.faults.show()}

    async def plant(self, facts: Facts) -> Json:
        return dict(vars(self.cloud.faults.plant(facts)))

    async def clear_faults(self, facts: Facts) -> Json:
        self.cloud.faults.clear()
        return {"faults": []}

    async def restart_server(self, facts: Facts) -> Json:
        """Answers first, then the port closes; the state after the boot is as a crash leaves it."""
        seconds = float(facts.get("seconds", 1))
        asyncio.get_running_loop().call_later(0.05, self.restart, seconds)
        return {"down": seconds}

    async def expire_jobs(self, facts: Facts) -> Json:
        self.cloud.jobs.expire(0)
        return {"jobs": len(self.cloud.world.jobs)}

    async def advance(self, facts: Facts) -> Json:
        """Move the world's clock and run the cleaners; requests' expiry is not touched."""
        self.cloud.world.clock.ahead += float(facts.get("seconds", 0))
        self.cloud.clean(at_once=True)
        return {"ahead": self.cloud.world.clock.ahead}

    async def measure(self, facts: Facts) -> Json:
        self.cloud.measure()
        return {}

    async def release(self, facts: Facts) -> Json:
        """Let all held jobs go on at once."""
        return {"released": self.cloud.jobs.release()}

    async def add_seed(self, facts: Facts) -> Json:
        seed.fill(self.cloud.world, facts)
        return {}

    async def reset(self, facts: Facts) -> Json:
        self.cloud.reset()
        return {}
