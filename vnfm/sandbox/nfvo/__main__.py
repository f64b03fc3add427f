"""``python -m vnfm.sandbox.nfvo --port P [--seed FILE] [--samples]``: the emulator as a process.

The seed is a JSON file, so that no secret stands in the process list: ``clients`` (id → secret),
``controlToken``, ``policy`` (see README.md).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import uvicorn

from vnfm.sandbox.nfvo.app import Nfvo
from vnfm.sandbox.nfvo.grants import Policy
from vnfm.sandbox.nfvo.server import CLIENT_ID, config, load_samples, read_vnfd


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="vnfm.sandbox.nfvo", description="An NFVO for demo and tests.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--seed", type=Path, help="JSON file: clients, controlToken, policy")
    parser.add_argument("--samples", action="store_true", help="onboard the sample packages")
    arguments = parser.parse_args()
    seed = json.loads(arguments.seed.read_text()) if arguments.seed else {}
    nfvo = Nfvo(seed.get("clients", {CLIENT_ID: "secret"}), read_vnfd, seed.get("controlToken"))
    nfvo.grants.policy = Policy.read(seed.get("policy", {}))
    if arguments.samples:
        load_samples(nfvo)
    uvicorn.Server(config(nfvo, arguments.port)).run()


if __name__ == "__main__":
    main()
