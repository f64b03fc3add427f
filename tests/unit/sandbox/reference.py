"""The SOL reference data, on machines that have them; tests against them are collected only there."""

import json
import os
from pathlib import Path
from typing import Any


def _reference() -> dict[str, Any] | None:
    """The SOL reference data, where this machine has them."""
    beside = Path(__file__).parents[4] / "shared" / "reference"
    path = Path(os.environ.get("VNFM_REFERENCE", beside)) / "etsi" / "v2-3.5.1.json"
    return json.loads(path.read_text()) if path.is_file() else None


REFERENCE = _reference()
