"""What ``vnfm demo --keep`` tells at its end: where everything is, how to use it, how to stop it."""

from __future__ import annotations

from vnfm.sandbox.display import Display
from vnfm.sandbox.supervisor import CLIENT_ID, Sandbox


def explain(box: Sandbox, instance_id: str, display: Display, *, real: bool) -> None:
    """Leave the processes running and say so. Shows the sandbox's own secrets, never the user's."""
    say = display.line
    instance = f"{box.gateway_url}/vnflcm/v2/vnf_instances/{instance_id}"
    display.heading("everything keeps running")
    say(f"gateway       {box.gateway_url}")
    say(f"              client {CLIENT_ID}, secret {box.keys.gateway}")
    say(f"NFVO          {box.nfvo_url}")
    say(f"              control token {box.keys.control}")
    if not real:
        say(f"CloudStack    {box.cloudstack_url}")
        say(f"              API key {box.keys.cloudstack_key}")
        say(f"              secret key {box.keys.cloudstack_secret}")
    say(f"VNF instance  {instance}")
    say("a token       " + _token(box))
    say("terminate it  " + _terminate(instance))
    if real:
        say("              (before you stop the processes: its VMs stay in CloudStack otherwise)")
    pids = box.keep()
    say(f"logs          {box.logs}")
    for name, pid in pids:
        say(f"process       {pid} {name}")
    say(f"stop all      kill {' '.join(str(pid) for _, pid in pids)}; sleep 3; rm -r {box.directory}")


def _token(box: Sandbox) -> str:
    return (
        f"TOKEN=$(curl -s -u '{CLIENT_ID}:{box.keys.gateway}' -d grant_type=client_credentials "
        f"""{box.gateway_url}/oauth2/token | sed 's/.*"access_token": *"//; s/".*//')"""
    )


def _terminate(instance: str) -> str:
    return (
        "curl -i -H \"Authorization: Bearer $TOKEN\" -H 'Version: 2.1.0' -H 'Content-Type: application/json' "
        f"""-d '{{"terminationType": "FORCEFUL"}}' {instance}/terminate"""
    )
