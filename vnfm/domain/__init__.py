"""Facts and rules of the trade: standard library only, no I/O, no clock, no randomness."""
