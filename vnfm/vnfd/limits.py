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
#: One YAML file; its nesting; its nodes after aliases are expanded, and those of all files together.
MAX_YAML = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 200_000
#: Entries of one section of a topology, members of a group, letters of a name; and steps in one chain of
#: types deriving from each other.
MAX_TEMPLATES = 1_000
MAX_NAME = 255
MAX_DERIVATION = 32
#: A scale level, and a number of VNFCs: far above any VNF, far below what would exhaust memory.
MAX_LEVEL = 1_000
MAX_INSTANCES = 10_000
#: Nodes produced while get_input and get_property are replaced, over one whole template.
MAX_RESOLVED = 400_000
#: How far get_property may lead to get_property, how deep values may nest by it, and data types
#: contain others.
MAX_HOPS = 32
MAX_RESOLVED_DEPTH = 128
MAX_DATA_TYPES = 16
#: Bytes read from an archive entry at a time.
CHUNK = 64 * 1024
#: Digits of a number; longer ones fit no 64-bit integer and stay text.
MAX_DIGITS = 18
