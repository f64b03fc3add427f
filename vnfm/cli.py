"""The command line: each verb is a few lines that read settings and call into the room that does the work."""

from __future__ import annotations

import argparse
import getpass
import logging
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from vnfm import settings as settings_module
from vnfm.errors import VnfmError
from vnfm.settings import Settings

log = logging.getLogger(__name__)

Verb = Callable[[argparse.Namespace], int]


class _Process(Protocol):
    """What is run until it is told to stop."""

    def run(self) -> None: ...

    def stop(self) -> None: ...


def _start() -> Settings:
    """Settings that have been looked at, and the log as they want it."""
    from vnfm import bootstrap, logs

    settings = settings_module.load()
    bootstrap.check_files(settings)
    logs.configure(settings.log_level)
    return settings


def _serve_api(args: argparse.Namespace) -> int:
    """Run one API process until it is told to stop."""
    settings = _start()

    from vnfm import bootstrap
    from vnfm.api import server
    from vnfm.api.app import create_app

    # uvicorn ends in order, then raises the signal again for whoever was there before.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    app = create_app(bootstrap.make_deps(settings), settings)
    return 0 if server.serve(app, settings.api_host, settings.api_port) else 3


def _run_worker(args: argparse.Namespace) -> int:
    """Run one worker process until it is told to stop."""
    settings = _start()

    from vnfm import bootstrap

    return _run("worker", bootstrap.make_worker(settings))


def _run_relay(args: argparse.Namespace) -> int:
    """Run one relay process until it is told to stop."""
    settings = _start()

    from vnfm import bootstrap

    return _run("relay", bootstrap.make_relay(settings))


def _run(name: str, process: _Process) -> int:
    """Run it until SIGTERM or SIGINT comes."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stop())
    log.info("%s started", name)
    process.run()
    log.info("%s stopped", name)
    return 0


def _add_client(args: argparse.Namespace) -> int:
    """Store an API client; its secret never appears among the arguments."""
    from vnfm import bootstrap
    from vnfm.services import clients

    secret = _read_secret(args)
    roles = [role.strip() for role in args.roles.split(",")]
    with bootstrap.open_clients(settings_module.load()) as stored:
        principal = clients.add(stored, args.id, secret, args.tenant, roles)
    print(f"client {principal.client} of tenant {principal.tenant}: {', '.join(sorted(principal.roles))}")
    return 0


def _read_secret(args: argparse.Namespace) -> str:
    if args.secret_stdin:
        return sys.stdin.readline().rstrip("\n")
    if args.secret_env:
        return settings_module.secret_from(args.secret_env)
    if not sys.stdin.isatty():
        raise settings_module.SettingsError("no terminal to ask for it: use --secret-stdin or --secret-env")
    return getpass.getpass("secret: ")


def _demo(args: argparse.Namespace) -> int:
    """Start the sandbox and play the orchestrator."""
    from vnfm.sandbox import demo

    return demo.run(args)


VERBS: Mapping[str, Verb] = {
    "api": _serve_api,
    "worker": _run_worker,
    "relay": _run_relay,
    "client": _add_client,
    "demo": _demo,
}


_PROCESSES: Mapping[str, str] = {
    "api": "serve the APIs",
    "worker": "carry out life-cycle operations",
    "relay": "tell subscribers what happens",
}
_SETTINGS = "Settings are environment variables, VNFM_*: docs/reference/settings.md has them."


def _parser() -> argparse.ArgumentParser:
    from vnfm.sandbox import demo

    parser = argparse.ArgumentParser(prog="vnfm", description="A VNF Manager for Apache CloudStack")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, told in _PROCESSES.items():
        verbs.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}. {_SETTINGS}")
    client = verbs.add_parser("client", help="administer API clients")
    actions = client.add_subparsers(dest="action", required=True)
    told = "add a client, or replace secret, tenant and roles of the one with this id"
    add = actions.add_parser("add", help=told, description=f"{told[0].upper()}{told[1:]}. {_SETTINGS}")
    add.add_argument("--id", required=True, help="its client_id when it asks for a token")
    add.add_argument("--tenant", required=True, help="whose VNFs it may see")
    add.add_argument("--roles", required=True, help="comma separated: nfvo, operator, monitor")
    source = add.add_mutually_exclusive_group()
    source.add_argument("--secret-stdin", action="store_true", help="read the secret from standard input")
    source.add_argument("--secret-env", metavar="NAME", help="read the secret from an environment variable")
    demo.add_arguments(
        verbs.add_parser("demo", help="deploy a sample VNF in a sandbox, or on your CloudStack")
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb. Exit status 1 for a failure and 2 for a usage or settings error, with the cause on standard
    error; 3 if the API cannot listen, with the cause in its log; 130 when interrupted."""
    args = _parser().parse_args(argv)
    try:
        return VERBS[args.verb](args)
    except settings_module.SettingsError as exc:
        print(f"vnfm: {exc}", file=sys.stderr)
        return 2
    except VnfmError as exc:
        print(f"vnfm: {exc.detail}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
