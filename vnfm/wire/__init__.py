"""Domain values in SOL spelling, and back: the only room that spells SOL002 and SOL003. Pure; no HTTP.

``instance``, ``operation`` and ``snapshot`` spell as SOL003 vnflcm v2 does; ``journal`` is our own spelling
of the steps; ``links`` names resources; ``screen`` keeps secrets and empty values from leaving.
"""

from __future__ import annotations

from vnfm.wire import instance, journal, links, operation, screen, snapshot

__all__ = ["instance", "journal", "links", "operation", "screen", "snapshot"]
