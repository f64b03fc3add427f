"""From the outbox to the subscriber: ``vnfm relay``, and the test of an endpoint that somebody subscribes.

``fanout`` queues what happened for those who want it, ``courier`` sends, ``lanes`` says who may use how many
threads, ``relay`` is the process. Any number of relays share one database; none keeps anything.
"""
