"""A CloudStack management server in memory, judged by recordings of a real one.

Started by `vnfm demo` and by tests. It guarantees the answers that tests/replay compares and nothing
beyond them: no disk, no hypervisor, one event loop.
"""
