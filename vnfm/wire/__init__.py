"""Domain values in SOL spelling, and back: the only room that spells SOL002 and SOL003. Pure; no HTTP.

``instance``, ``operation``, ``snapshot``, ``subscription`` and ``notification`` spell as SOL003 vnflcm v2
does: our canonical form. ``dialect`` has each API that is served, with what it makes of that (``v1``, ``v2``,
``sol002``, ``sol003``). ``origins`` says where an attribute of an answer lies in our documents, for filters.
``journal`` is our own spelling of the steps; ``links`` names resources; ``screen`` keeps secrets and empty
values from leaving.
"""

from __future__ import annotations

from vnfm.wire import instance, journal, links, operation, screen, snapshot

__all__ = ["instance", "journal", "links", "operation", "screen", "snapshot"]
