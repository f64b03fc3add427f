"""Security rules that a new version brings: set for what it makes anew, and said for what stands."""

from __future__ import annotations

from tests.fakes.editions import onboard
from tests.integration.lcm import guarded
from tests.integration.lcm.play import completed, decide, end, play, servers
from tests.integration.lcm.test_later_version import LEFT_OUT, SWAPPED, stand
from tests.stage import Stage, WorkerPool
from vnfm.domain.operation import OperationState, OperationType

_RULE = """    - {}:
        type: tosca.policies.nfv.SecurityGroupRule
        targets: [ {} ]
        properties: {{ direction: {}, protocol: {}, port_range_min: {}, port_range_max: {} }}
"""
RULES = "".join(
    _RULE.format(name, cp, direction, protocol, port, port)
    for name, cp, direction, protocol, port in (
        ("state_out", "filter_sync", "egress", "udp", 3780),
        ("state_in", "filter_sync", "ingress", "udp", 3780),
        ("control_out", "filter_ctl", "egress", "tcp", 22),
    )
)
SAID = [
    "security rule state_in (ingress ipv4 udp 3780-3780) is not enforced at filter_sync: its servers have no "
    "security groups, and CloudStack's routers filter what comes in at public addresses only",
    "security rule control_out (egress ipv4 tcp 22-22) is not applied at filter_ctl: rules are set when a "
    "VDU or link is made, and stay as they were",
]


def egress(stage: Stage) -> list[tuple[str, list[int]]]:
    return [(row["protocol"], row["ports"]) for row in stage.world()["firewallrules"] if row["egress"]]


def test_a_new_link_lets_out_what_its_rules_permit(stage: Stage, pool: WorkerPool) -> None:
    plain = onboard(stage, SWAPPED, leave_out=LEFT_OUT)
    ruled = onboard(stage, {"\n  policies:\n": f"\n  policies:\n{RULES}"})
    instance = stand(stage, pool, plain)
    stage.door("faults", {"kind": "fail", "command": "addNicToVirtualMachine", "code": 530, "text": "no"})
    failed = play(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=ruled)
    assert failed.state is OperationState.FAILED_TEMP
    assert egress(stage) == [("udp", [3780, 3780])]
    back = decide(stage, pool, failed, "rollback")
    assert back.state is OperationState.ROLLED_BACK, back.error
    assert egress(stage) == []
    ended = completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=ruled)
    assert egress(stage) == [("udp", [3780, 3780])]
    assert ended.warnings == SAID
    kept = [i["target"] for i in stage.instance(instance.id).resources if i["kind"] == "EGRESS_RULE"]
    assert kept == ["state_out/sync_vl"]
    end(stage, pool, instance.id)
    assert egress(stage) == []


def test_a_new_vdu_gets_its_group_and_that_of_one_that_is_gone_goes(stage: Stage, pool: WorkerPool) -> None:
    guarded.prepare(stage)
    for edition in (guarded.package(), guarded.package(later="balancer")):
        stage.nfvo.nfvo.packages.onboard(edition)
    instance = stage.create(guarded.GUARDED)
    with pool.running(stage.settings):
        begun = stage.begin(instance.id, OperationType.INSTANTIATE, guarded.request(stage))
        assert stage.settle(begun).state is OperationState.COMPLETED
    (before,) = guarded.groups(stage)
    ended = completed(stage, pool, instance.id, "CHANGE_VNFPKG", vnfdId=guarded.LATER)
    assert ended.warnings == []
    (group,) = guarded.groups(stage)
    now = stage.instance(instance.id)
    assert (group["rules"], group["id"] == before["id"]) == (guarded.RULES, False)
    assert list(servers(now)) == ["balancer-0"]
    assert group["vms"] == list(servers(now).values())
    kept = [(item["id"], item["target"]) for item in now.resources if item["kind"] == "SECURITY_GROUP"]
    assert kept == [(group["id"], "balancer")]
    end(stage, pool, instance.id)
