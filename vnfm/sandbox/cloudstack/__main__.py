"""`python -m vnfm.sandbox.cloudstack --port 8080`: the emulator as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from pathlib import Path

from vnfm.sandbox.cloudstack.cloud import Cloud, demo_seed, replay_seed
from vnfm.sandbox.cloudstack.serve import Server


def main() -> None:
    options = read_options()
    seeds = replay_seed() if options.recorded else demo_seed(options.seed)
    cloud = Cloud(seeds, job_seconds=options.job_seconds)
    cloud.world.settings.put("sandbox.reply.seconds", options.delay)
    server = Server(cloud, options.host, options.port)
    print(f"CloudStack emulator at {server.url}, control door at {server.control_url}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.run())


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="vnfm.sandbox.cloudstack", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--job-seconds", type=float, default=1.0, help="how long a deploy takes")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--seed", type=Path, help="a JSON file with what to add to the demo world")
    parser.add_argument(
        "--recorded", action="store_true", help="the recorded world, without the demo's additions"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
