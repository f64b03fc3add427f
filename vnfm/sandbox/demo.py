"""``vnfm demo``: a VNF is deployed and removed again, told step by step.

The demo plays the orchestrator. It talks to the gateway and to the NFVO emulator over their HTTP APIs only,
and asks CloudStack itself whether what the gateway says is true. Without ``--cloudstack-url`` CloudStack is
emulated too.
"""

from __future__ import annotations

import argparse
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from vnfm.domain.vnfd import Flavour, Vnfd
from vnfm.errors import Permanent, VnfmError
from vnfm.outbound import Destinations, Outbound
from vnfm.sandbox import choices, evidence, handover
from vnfm.sandbox.cloud import Cloud
from vnfm.sandbox.display import Display
from vnfm.sandbox.orchestrator import Ended, Gateway, PackageServer, read_inbox, set_policy
from vnfm.sandbox.supervisor import CLIENT_ID, Sandbox
from vnfm.vim.cloudstack.client import Client
from vnfm.vnfd import read_package

INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``vnfm demo``."""
    parser.add_argument("--package", default="haproxy-lb", help="sample package (default: %(default)s)")
    parser.add_argument("--flavour", help="deployment flavour (default: the package's)")
    parser.add_argument("--level", help="instantiation level (default: the flavour's)")
    parser.add_argument("--keep", action="store_true", help="leave everything running and say how to use it")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="keep the processes' logs there")
    real = parser.add_argument_group("a real CloudStack instead of the emulator")
    real.add_argument("--cloudstack-url", metavar="URL", help="http(s)://HOST:PORT[/client/api]")
    real.add_argument("--api-key", help="default: the environment variable CLOUDSTACK_API_KEY")
    real.add_argument("--secret-key", help="default: the environment variable CLOUDSTACK_SECRET_KEY")
    real.add_argument("--ca-file", type=Path, help="PEM file with the CA of its certificate")
    real.add_argument("--zone", help="name or id (default: the first enabled one)")
    real.add_argument("--project", help="name or id")
    real.add_argument("--domain", help="name, path or id")
    real.add_argument("--offering", help="service offering for every VDU (default: what fits)")
    real.add_argument("--template", help="template for every VDU (default: by image name, or the only one)")
    real.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="[CPD=]NAME",
        help="existing network for an external connection point, or for all; repeatable "
        "(default: the demo makes isolated networks and removes them)",
    )
    real.add_argument(
        "--patience",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="how long to wait for CloudStack to purge what this key may not expunge (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Tell the whole story; exit status 0 if it ended well."""
    display = Display()
    sandbox = Sandbox(os.environ, args.logs)
    try:
        with sandbox:
            _Demo(args, display, sandbox).tell()
    except VnfmError as exc:
        display.line()
        display.line(f"FAILED: {exc.detail}")
        display.line(f"logs: {sandbox.logs}")
        return 1
    except KeyboardInterrupt:
        display.line()
        display.line(f"interrupted; logs: {sandbox.logs}")
        return INTERRUPTED
    return 0


@dataclass(slots=True)
class _Demo:
    """One run."""

    args: argparse.Namespace
    display: Display
    sandbox: Sandbox
    name: str = field(default_factory=lambda: f"demo-{secrets.token_hex(3)}")
    times: dict[str, float] = field(default_factory=dict)
    #: Networks made by the demo itself.
    made: list[str] = field(default_factory=list)

    @property
    def real(self) -> bool:
        """Whether CloudStack is a real one."""
        return self.args.cloudstack_url is not None

    def tell(self) -> None:
        """From the first process to the summary."""
        with ExitStack() as stack:
            with self._phase("start the sandbox"):
                access = self._access() if self.real else {}
                self.sandbox.start_platform(emulate_cloudstack=not self.real)
                access = access or self._emulated_access()
                client = self._client(stack, access)
                cloud = Cloud(client, self.args.zone, self.args.project)
                self._introduce(cloud)
                self._start_gateway()
            with self._phase("choose the package"):
                vnfd = self._choose_package(stack)
                flavour = choices.pick_flavour(vnfd, self.args.flavour)
                level = choices.pick_level(flavour, self.args.level)
                self.display.line(
                    f"{vnfd.product_name} {vnfd.software_version}, flavour {flavour.id}, level {level}"
                )
            gateway = Gateway(self.sandbox.gateway_url, CLIENT_ID, self.sandbox.keys.gateway)
            stack.enter_context(closing(gateway))
            try:
                self._live(cloud, gateway, access, vnfd, flavour, level)
            except BaseException:
                self._confess(cloud)
                raise

    def _live(
        self,
        cloud: Cloud,
        gateway: Gateway,
        access: Mapping[str, str],
        vnfd: Vnfd,
        flavour: Flavour,
        level: str,
    ) -> None:
        """Everything between an empty cloud and an empty cloud."""
        with self._phase("prepare networks and grants"):
            networks = self._networks(cloud, flavour)
            self._set_policy(cloud, flavour, access)
        with self._phase("create the VNF instance"):
            gateway.subscribe(f"{self.sandbox.nfvo_url}/notifications")
            instance_id = str(gateway.create(vnfd.id, self.name)["id"])
            self.display.line(f"VNF instance {instance_id} ({self.name})")
        with self._phase("instantiate"):
            body = {
                "flavourId": flavour.id,
                "instantiationLevelId": level,
                "extVirtualLinks": choices.external_links(networks),
            }
            self._operate(gateway, instance_id, "instantiate", body)
        with self._phase("look at what was deployed"):
            evidence.show_deployed(cloud, gateway.read(instance_id), self.display.line)
        if self.args.keep:
            handover.explain(self.sandbox, instance_id, self.display, real=self.real)
            return
        with self._phase("terminate"):
            ended = self._operate(gateway, instance_id, "terminate", {"terminationType": "FORCEFUL"})
            for warning in ended.operation.get("warnings") or []:
                self.display.line(f"warning: {warning}")
        with self._phase("delete the VNF instance"):
            gateway.delete(instance_id)
        with self._phase("look at what the NFVO was told"):
            inbox = partial(read_inbox, self.sandbox.nfvo_url, self.sandbox.keys.control)
            evidence.show_told(inbox, self.display.line)
        with self._phase("verify that nothing is left"):
            evidence.show_left(cloud, self.name, self.made, self.args.patience, self.display.line)
        self._summarise()

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        self.display.heading(name)
        began = time.monotonic()
        yield
        self.times[name] = time.monotonic() - began

    def _access(self) -> Mapping[str, str]:
        """The user's own keys; never shown."""
        key = self.args.api_key or os.environ.get("CLOUDSTACK_API_KEY")
        secret = self.args.secret_key or os.environ.get("CLOUDSTACK_SECRET_KEY")
        if not key or not secret:
            raise Permanent(
                "a real CloudStack needs CLOUDSTACK_API_KEY and CLOUDSTACK_SECRET_KEY in the environment "
                "(or --api-key and --secret-key, which other users of this machine can see)"
            )
        url = str(self.args.cloudstack_url).rstrip("/")
        if "/" not in url.partition("://")[2]:
            url += "/client"
        return {"endpoint": url if url.endswith("/api") else f"{url}/api", "apiKey": key, "secretKey": secret}

    def _emulated_access(self) -> Mapping[str, str]:
        keys = self.sandbox.keys
        return {
            "endpoint": self.sandbox.cloudstack_url,
            "apiKey": keys.cloudstack_key,
            "secretKey": keys.cloudstack_secret,
        }

    def _client(self, stack: ExitStack, access: Mapping[str, str]) -> Client:
        ca_file = str(self.args.ca_file) if self.args.ca_file else None
        outbound = Outbound(Destinations(loopback=True), ca_bundle=ca_file)
        stack.enter_context(closing(outbound))
        line = outbound.line(access["endpoint"])
        return Client(line, access["endpoint"], access["apiKey"], access["secretKey"])

    def _introduce(self, cloud: Cloud) -> None:
        place = cloud.place
        kind = "CloudStack" if self.real else "emulated CloudStack"
        may = "may" if place.may_expunge else "may not"
        self.display.line(f"{kind} {place.version}, zone {place.zone_name}; this key {may} expunge")

    def _start_gateway(self) -> None:
        settings = {
            "VNFM_LOG_LEVEL": "INFO",
            # A plain user's destroyed VMs stay until CloudStack purges them: the demo says so and goes on.
            "VNFM_PURGE_PATIENCE": f"{self.args.patience:g}",
            "VNFM_PURGE_POLICY": "leave",
        }
        if not self.real:
            settings["VNFM_POLL_PAUSE"] = "0.2"
        if self.args.ca_file:
            settings["VNFM_CA_FILE"] = str(self.args.ca_file.resolve())
        self.sandbox.start_gateway(settings)
        self.display.line(f"gateway at {self.sandbox.gateway_url}, NFVO emulator at {self.sandbox.nfvo_url}")

    def _choose_package(self, stack: ExitStack) -> Vnfd:
        server = PackageServer(self.sandbox.nfvo_url, "vnfm", self.sandbox.keys.nfvo)
        stack.enter_context(closing(server))
        infos = server.list()
        self.display.line("the NFVO has: " + ", ".join(sorted(str(info["vnfProductName"]) for info in infos)))
        wanted = self.args.package
        for info in infos:
            if wanted in (info["vnfProductName"], info["vnfdId"]):
                return read_package(server.fetch(str(info["vnfdId"]))).vnfd
        raise Permanent(f"the NFVO has no package {wanted}")

    def _networks(self, cloud: Cloud, flavour: Flavour) -> Mapping[str, str]:
        """External CPD → network id: the user's, or some of the demo's own."""
        if self.args.network:
            named = choices.named_networks(flavour, self.args.network)
            ids = {name: str(cloud.find_network(name)["id"]) for name in sorted(set(named.values()))}
            return {cpd: ids[name] for cpd, name in named.items()}
        numbers = choices.share_networks(flavour)
        for number in sorted(set(numbers.values())):
            name = f"vnfm-{self.name}-{number}"
            self.made.append(cloud.create_network(name, number))
            cpds = ", ".join(cpd for cpd, wanted in numbers.items() if wanted == number)
            self.display.line(f"made the isolated network {name} for {cpds}")
        return {cpd: self.made[number] for cpd, number in numbers.items()}

    def _set_policy(self, cloud: Cloud, flavour: Flavour, access: Mapping[str, str]) -> None:
        assets = choices.choose_assets(cloud, flavour, self.args.offering, self.args.template)
        for remark in assets.remarks:
            self.display.line(remark)
        extra = {
            "zoneId": cloud.place.zone_id,
            "projectId": cloud.place.project_id,
            "domain": self.args.domain,
        }
        connection = {
            "vimId": choices.CONNECTION,
            "vimType": "CLOUDSTACK",
            "interfaceInfo": {"endpoint": access["endpoint"]},
            "accessInfo": {"apiKey": access["apiKey"], "secretKey": access["secretKey"]},
            "extra": {name: value for name, value in extra.items() if value},
        }
        policy: dict[str, Any] = {
            "vim_connection_info": {choices.CONNECTION: connection},
            "zone": cloud.place.zone_id,
            "flavours": assets.flavours,
            "images": assets.images,
        }
        set_policy(self.sandbox.nfvo_url, self.sandbox.keys.control, policy)

    def _operate(self, gateway: Gateway, instance_id: str, verb: str, body: Mapping[str, Any]) -> Ended:
        location = gateway.begin(instance_id, verb, body)
        patience = 1800.0 + 2 * self.args.patience
        ended = gateway.follow(location, self.display.progress, self.sandbox.require_alive, patience)
        if ended.state == "COMPLETED":
            return ended
        cause = f"{verb} ended {ended.state}: {ended.cause()}"
        if ended.state == "FAILED_TEMP" and verb == "instantiate":
            self.display.line(cause)
            self._roll_back(gateway, instance_id, location, patience)
        raise Permanent(cause)

    def _roll_back(self, gateway: Gateway, instance_id: str, location: str, patience: float) -> None:
        """What an operator would do next: nothing half-made stays, and the instance can be deleted."""
        self.display.heading("roll back")
        gateway.call_task(location, "rollback")
        ended = gateway.follow(location, self.display.progress, self.sandbox.require_alive, patience)
        if ended.state == "ROLLED_BACK":
            gateway.delete(instance_id)

    def _confess(self, cloud: Cloud) -> None:
        """After a failure in a real cloud: take back what can be taken back, and say what is still there."""
        if not self.real:
            return
        try:
            for network_id in self.made:
                cloud.remove_network(network_id)
            for item in cloud.leftovers(self.name):
                self.display.line(f"still in CloudStack: {item}")
        except VnfmError as exc:
            self.display.line(f"what is left in CloudStack could not be found out: {exc.detail}")

    def _summarise(self) -> None:
        self.display.heading("done")
        for name, seconds in self.times.items():
            self.display.line(f"{seconds:7.1f} s  {name}")
        self.display.line(f"{sum(self.times.values()):7.1f} s  in all")
