"""The one door out: every HTTP client is made here, and every foreign address is vetted here.

``Outbound`` hands out one ``Line`` per endpoint for the whole process: an httpx client with explicit
time-outs, TLS verification that cannot be switched off, no redirects and no proxy from the environment,
together with the endpoint's circuit breaker. ``refusal`` says why an address may not be called. ``network``
connects to the very addresses that were vetted, and keeps the deadline of who uses a connection. ``exchange``
is one request and its answer, ``credentials`` proves who we are.
"""

from vnfm.outbound.breaker import Breaker
from vnfm.outbound.destinations import Destinations, refusal
from vnfm.outbound.lines import Line, Outbound

__all__ = ["Breaker", "Destinations", "Line", "Outbound", "refusal"]
