"""Is this process fit to serve?"""

from __future__ import annotations

from vnfm.services.deps import Deps


def database_answers(deps: Deps) -> bool:
    """True if the database answers a ping now."""
    return deps.database_answers()
