"""The command line: each verb is a few lines that read settings and call into the room that does the work."""

from __future__ import annotations

import argparse
import getpass
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from vnfm import settings as settings_module
from vnfm.errors import VnfmError

Verb = Callable[[argparse.Namespace], int]


def _serve_api(args: argparse.Namespace) -> int:
    """Run one API process until it is told to stop."""
    from vnfm import bootstrap, logs
    from vnfm.api import server
    from vnfm.api.app import create_app

    settings = settings_module.load()
    logs.configure(settings.log_level)
    app = create_app(bootstrap.make_deps(settings), settings)
    return 0 if server.serve(app, settings.api_host, settings.api_port) else 3


def _run_worker(args: argparse.Namespace) -> int:
    """Run one worker process until it is told to stop."""
    from vnfm import bootstrap, logs

    settings = settings_module.load()
    logs.configure(settings.log_level)
    worker = bootstrap.make_worker(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()
    return 0


def _run_relay(args: argparse.Namespace) -> int:
    """Run one relay process until it is told to stop."""
    from vnfm import bootstrap, logs

    settings = settings_module.load()
    logs.configure(settings.log_level)
    relay = bootstrap.make_relay(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: relay.stop())
    relay.run()
    return 0


def _add_client(args: argparse.Namespace) -> int:
    """Store an API client; its secret never appears among the arguments."""
    from vnfm import bootstrap
    from vnfm.services import clients

    secret = _read_secret(args)
    deps = bootstrap.make_deps(settings_module.load())
    principal = clients.add(deps, args.id, secret, args.tenant, args.roles.split(","))
    print(f"client {principal.client} of tenant {principal.tenant}: {', '.join(sorted(principal.roles))}")
    return 0


def _read_secret(args: argparse.Namespace) -> str:
    if args.secret_stdin:
        return sys.stdin.readline().rstrip("\n")
    if args.secret_env:
        return settings_module.secret_from(args.secret_env)
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


def _parser() -> argparse.ArgumentParser:
    from vnfm.sandbox import demo

    parser = argparse.ArgumentParser(prog="vnfm", description="A VNF Manager for Apache CloudStack")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("api", help="serve the APIs (settings: VNFM_*, docs/reference/settings.md)")
    verbs.add_parser("worker", help="carry out life-cycle operations")
    verbs.add_parser("relay", help="tell subscribers what happens")
    client = verbs.add_parser("client", help="administer API clients")
    actions = client.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help="add a client or change its secret")
    add.add_argument("--id", required=True)
    add.add_argument("--tenant", required=True)
    add.add_argument("--roles", required=True, help="comma separated: nfvo, operator, monitor")
    source = add.add_mutually_exclusive_group()
    source.add_argument("--secret-stdin", action="store_true", help="read the secret from standard input")
    source.add_argument("--secret-env", metavar="NAME", help="read the secret from an environment variable")
    demo.add_arguments(
        verbs.add_parser("demo", help="deploy a sample VNF in a sandbox, or on your CloudStack")
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a verb; exit status 2 for a usage or settings error, 1 for a failure with its cause on stderr."""
    args = _parser().parse_args(argv)
    try:
        return VERBS[args.verb](args)
    except settings_module.SettingsError as exc:
        print(f"vnfm: {exc}", file=sys.stderr)
        return 2
    except VnfmError as exc:
        print(f"vnfm: {exc.detail}", file=sys.stderr)
        return 1
