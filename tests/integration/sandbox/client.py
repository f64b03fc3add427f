"""A signed call to the emulator, and a poll: what the emulator's own tests need of a client."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from vnfm.sandbox.cloudstack.serve import Server
from vnfm.sandbox.cloudstack.signature import sign

PATIENCE = 10.0


@dataclass
class Caller:
    server: Server
    http: httpx.Client
    who: str = "alice"

    def __call__(self, command: str, **params: object) -> Any:
        """The content of the answer; an error is returned like any other."""
        return next(iter(self.send(command, **params).json().values()))

    def send(self, command: str, **params: object) -> httpx.Response:
        return self.http.post(self.server.url, data=self.signed(command, **params))

    def signed(self, command: str, **params: object) -> dict[str, str]:
        full = {name: str(value) for name, value in params.items()}
        full |= {"command": command, "response": "json", "apikey": f"sandbox-{self.who}-key"}
        full |= {"signatureversion": "3"}
        full["expires"] = (datetime.now(UTC) + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
        full["signature"] = sign(full, f"sandbox-{self.who}-secret")
        return full

    def job(self, command: str, **params: object) -> Any:
        """Submit and wait; the job's record."""
        return self.wait(self(command, **params)["jobid"])

    def wait(self, jobid: str) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            record = self("queryAsyncJobResult", jobid=jobid)
            if record["jobstatus"]:
                return record
            time.sleep(0.01)
        raise TimeoutError(jobid)

    def door(self, name: str, **facts: object) -> Any:
        response = self.http.post(f"{self.server.control_url}/{name}", json=facts)
        response.raise_for_status()
        return response.json()

    def look(self, name: str) -> Any:
        return self.http.get(f"{self.server.control_url}/{name}").json()

    def world(self) -> Any:
        return self.look("world")

    def order(self, name: str) -> dict[str, object]:
        """What a deploy on the demo's management network needs."""
        zone = self("listZones")["zone"][0]["id"]
        offering = self("listServiceOfferings", name="Small Instance")["serviceoffering"][0]["id"]
        template = self("listTemplates", templatefilter="featured")["template"][0]["id"]
        network = self("listNetworks", keyword="demo-mgmt")["network"][0]["id"]
        return {
            "name": name,
            "zoneid": zone,
            "serviceofferingid": offering,
            "templateid": template,
            "networkids": network,
        }
