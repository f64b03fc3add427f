"""Named points at which a test can have this process die as if the power had gone.

Every boundary of every step passes three of them: before the call, after the call but before its journal
entry, and after the entry. Unset, a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

#: Before a pattern: only take down what is passed, kill nobody.
RECORD = "record:"


@dataclass(frozen=True, slots=True)
class FaultPoints:
    """``armed`` is a pattern of the point that kills, ``mark`` the file that proves it did."""

    armed: str = ""
    mark: str = ""

    def reach(self, name: str) -> None:
        """Pass the point ``name``; does not return if it is the armed one."""
        if not self.armed or not fnmatchcase(name, self.armed.removeprefix(RECORD)):
            return
        with Path(self.mark).open("a") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not self.armed.startswith(RECORD):
            os.kill(os.getpid(), signal.SIGKILL)
