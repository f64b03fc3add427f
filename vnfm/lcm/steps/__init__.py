"""The steps, by the name under which the journal knows them; a released name is never given to another."""

from __future__ import annotations

from collections.abc import Mapping

from vnfm.engine.step import Step
from vnfm.lcm.context import Context
from vnfm.lcm.steps.checks import CheckNetworks, CheckPlan, CheckVim, ChooseCompute
from vnfm.lcm.steps.compute import DeployVnfc
from vnfm.lcm.steps.disks import DetachVolume, ReattachVolume
from vnfm.lcm.steps.egress import OpenEgress
from vnfm.lcm.steps.filling import FinaliseCreateSnapshot
from vnfm.lcm.steps.finalise import FinaliseInstantiate, FinaliseTerminate
from vnfm.lcm.steps.grant import RequestGrant
from vnfm.lcm.steps.modify import CompareInfo, FinaliseModify
from vnfm.lcm.steps.network import CreateGroup, CreateNetwork
from vnfm.lcm.steps.power import HaltVnfc, RebootVnfc, StartVnfc
from vnfm.lcm.steps.rebuild import RebuildVnfc, UpgradeVnfc
from vnfm.lcm.steps.regroup import RegroupVnfc
from vnfm.lcm.steps.removal import RemoveResource, RemoveUnseen, StopVnfc
from vnfm.lcm.steps.repair import DiagnoseVnfc, RecreateVnfc, RemoveBody
from vnfm.lcm.steps.replug import CheckStanding, ReplugVnfc
from vnfm.lcm.steps.reserve import ReserveAddresses
from vnfm.lcm.steps.resize import GrowRoot, GrowVolume, ResizeVnfc
from vnfm.lcm.steps.rewiring import CheckWiring, FinaliseExtConn, RewireVnfc
from vnfm.lcm.steps.rewrite import FinaliseHeal, FinaliseOperate, FinaliseReshape, FinaliseScale
from vnfm.lcm.steps.room import CheckRoom
from vnfm.lcm.steps.securitygroup import CreateSecurityGroup
from vnfm.lcm.steps.snapshots import CheckSnapshot, FinaliseRevert, QuietVnfc, RevertVnfc, WakeVnfc
from vnfm.lcm.steps.storage import AddVolume
from vnfm.lcm.steps.taking import TakeDisk, TakeSnapshot

STEPS: Mapping[str, Step[Context]] = {
    "request_grant": RequestGrant(),
    "check_plan": CheckPlan(),
    "check_vim": CheckVim(),
    "check_networks": CheckNetworks(),
    "choose_compute": ChooseCompute(),
    "check_room": CheckRoom(),
    "create_network": CreateNetwork(),
    "create_group": CreateGroup(),
    "create_security_group": CreateSecurityGroup(),
    "deploy_vnfc": DeployVnfc(),
    "add_volume": AddVolume(),
    "reserve_addresses": ReserveAddresses(),
    "open_egress": OpenEgress(),
    "stop_vnfc": StopVnfc(),
    "remove": RemoveResource(),
    "remove_unseen": RemoveUnseen(),
    "start_vnfc": StartVnfc(),
    "halt_vnfc": HaltVnfc(),
    "reboot_vnfc": RebootVnfc(),
    "diagnose_vnfc": DiagnoseVnfc(),
    "rebuild_vnfc": RebuildVnfc(),
    "detach_volume": DetachVolume(),
    "remove_body": RemoveBody(),
    "recreate_vnfc": RecreateVnfc(),
    "reattach_volume": ReattachVolume(),
    "check_standing": CheckStanding(),
    "replug_vnfc": ReplugVnfc(),
    "regroup_vnfc": RegroupVnfc(),
    "upgrade_vnfc": UpgradeVnfc(),
    "resize_vnfc": ResizeVnfc(),
    "grow_root": GrowRoot(),
    "grow_volume": GrowVolume(),
    "finalise_reshape": FinaliseReshape(),
    "finalise_operate": FinaliseOperate(),
    "finalise_heal": FinaliseHeal(),
    "finalise_instantiate": FinaliseInstantiate(),
    "finalise_scale": FinaliseScale(),
    "check_snapshot": CheckSnapshot(),
    "quiet_vnfc": QuietVnfc(),
    "take_snapshot": TakeSnapshot(),
    "take_disk": TakeDisk(),
    "revert_vnfc": RevertVnfc(),
    "wake_vnfc": WakeVnfc(),
    "finalise_create_snapshot": FinaliseCreateSnapshot(),
    "finalise_revert": FinaliseRevert(),
    "check_wiring": CheckWiring(),
    "rewire_vnfc": RewireVnfc(),
    "finalise_ext_conn": FinaliseExtConn(),
    "finalise_terminate": FinaliseTerminate(),
    "compare_info": CompareInfo(),
    "finalise_modify": FinaliseModify(),
}
