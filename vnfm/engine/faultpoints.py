"""Named points at which a test can have this process die as if the power had gone.

Every boundary of every step passes three of them: before the call, after the call but before its journal
entry, and after the entry. Unset, a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FaultPoints:
    """``armed`` names the point that kills, ``mark`` the file that proves it did; "?" only records."""

    armed: str = ""
    mark: str = ""

    def reach(self, name: str) -> None:
        """Pass the point ``name``; does not return if it is the armed one."""
        if not self.armed or self.armed not in {name, "?"}:
            return
        with Path(self.mark).open("a") as file:
            file.write(name + "\n")
            file.flush()
            os.fsync(file.fileno())
        if self.armed == name:
            os.kill(os.getpid(), signal.SIGKILL)
