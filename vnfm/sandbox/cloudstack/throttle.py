"""The rate limit of an account: so many calls in a window, then 429. Root is not limited."""

from __future__ import annotations

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.refusal import Refusal
from vnfm.sandbox.cloudstack.world import World


def count(world: World, account: model.Account) -> None:
    """Count one call; every command counts, getApiLimit too."""
    if account.kind == "admin" or not world.settings.flag("api.throttling.enabled"):
        return
    issued, left = standing(world, account)
    start = world.clock.now() + left - world.settings.number("api.throttling.interval")
    world.issued[account.id] = (start, issued + 1)
    if issued + 1 > world.settings.number("api.throttling.max"):
        raise Refusal(
            429,
            "The given user has reached his/her account api limit, please retry after"
            f" [{max(int(left * 1000), 1)}] ms.",
        )


def standing(world: World, account: model.Account) -> tuple[int, float]:
    """Calls counted in the window, and the seconds it still lasts."""
    now = world.clock.now()
    interval = world.settings.number("api.throttling.interval")
    start, issued = world.issued.get(account.id, (now, 0))
    if now - start >= interval:
        start, issued = now, 0
    return issued, start + interval - now
