"""Recorded exchanges of a real CloudStack server, replayed against the emulator and compared."""
