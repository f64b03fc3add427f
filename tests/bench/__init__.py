"""``python -m tests.bench``: what the gateway costs, in one run beside what it cannot be cheaper than.

``load`` asks two servers in turns and reads their processor time; ``ceiling`` is the other server;
``flight`` follows operations; ``claims`` tells which worker did what; ``processes`` starts the real programs.
Two machines are never compared: only ratios within one run mean something.
"""
