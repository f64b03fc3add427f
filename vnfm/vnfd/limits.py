"""What a package may cost to read. Every bound is enforced on bytes really produced, not on headers."""

from __future__ import annotations

#: Entries in one archive, folders included.
MAX_ENTRIES = 5_000
#: Uncompressed bytes of all entries together, and of one.
MAX_TOTAL = 1024 * 1024 * 1024
MAX_ENTRY = 768 * 1024 * 1024
#: Uncompressed over compressed. Judged only past the floor: a short run of blanks compresses very well.
MAX_RATIO = 250
RATIO_FLOOR = 1024 * 1024
#: Entries up to this size stay in memory; larger ones (disk images) are only hashed, never kept.
KEEP = 4 * 1024 * 1024
#: One YAML file, its nesting, and its nodes after aliases are expanded.
MAX_YAML = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 200_000
#: Nodes produced while get_input and get_property are replaced, over one whole template.
MAX_RESOLVED = 400_000
#: How deep get_property may lead to get_property, and one data type may contain another.
MAX_HOPS = 32
#: Bytes read from an archive entry at a time.
CHUNK = 64 * 1024
