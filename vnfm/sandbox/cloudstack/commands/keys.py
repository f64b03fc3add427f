"""SSH key pairs and registered user data."""

from __future__ import annotations

import base64
import binascii
import hashlib

from vnfm.sandbox.cloudstack import model
from vnfm.sandbox.cloudstack.access import owner_for, touch
from vnfm.sandbox.cloudstack.jobs import Handlers
from vnfm.sandbox.cloudstack.listing import holds, owned, page, same
from vnfm.sandbox.cloudstack.refusal import Json, broken, invalid
from vnfm.sandbox.cloudstack.request import Call
from vnfm.sandbox.cloudstack.view_vm import ownership

KEY_TYPES = (
    "ssh-rsa",
    "ssh-ed25519",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
)


async def create_key(call: Call) -> Json:
    """Check and insert are two steps with a gap: of simultaneous twins all are made."""
    owner = owner_for(call)
    need_free_key(call, owner)
    await call.world.clock.sleep(call.world.settings.number("sandbox.race.seconds"))
    blob = base64.b64encode(b"\0\0\0\x07ssh-rsa" + call.world.chance.randbytes(48)).decode()
    pair = add_key(call, owner, f"ssh-rsa {blob}")
    return {"keypair": {"privatekey": "not a real key: this is a sandbox", **show_key(pair)}}


async def register_key(call: Call) -> Json:
    owner = owner_for(call)
    need_free_key(call, owner)
    public = call.given("publickey").strip()
    if not is_public_key(public):
        raise invalid("Public key is invalid")
    return {"keypair": show_key(add_key(call, owner, public))}


def is_public_key(text: str) -> bool:
    parts = text.split()
    if len(parts) < 2 or parts[0] not in KEY_TYPES:
        return False
    try:
        return len(base64.b64decode(parts[1], validate=True)) > 16
    except binascii.Error:
        return False


def need_free_key(call: Call, owner: model.Account) -> None:
    name = call.given("name")
    if any(pair.name == name and pair.owner is owner for pair in call.world.keypairs):
        raise invalid(f"A key pair with name '{name}' already exists.")


def add_key(call: Call, owner: model.Account, public: str) -> model.KeyPair:
    world = call.world
    digest = hashlib.md5(public.encode(), usedforsecurity=False).hexdigest()
    pair = model.KeyPair(
        **vars(world.birth(world.keypairs)),
        owner=owner,
        name=call.given("name"),
        public=public,
        fingerprint=":".join(digest[i : i + 2] for i in range(0, 32, 2)),
    )
    return world.keypairs.add(pair)


def show_key(pair: model.KeyPair) -> Json:
    shown: Json = {"id": pair.id, "name": pair.name, **ownership(pair.owner), "fingerprint": pair.fingerprint}
    del shown["domainpath"]
    return shown | {"hasannotations": False}


async def delete_key(call: Call) -> Json:
    """A key in use goes without objection."""
    owner, name = owner_for(call), call.given("name")
    mine = [pair for pair in call.world.keypairs if pair.owner is owner and pair.name == name]
    if not mine:
        refusal = invalid(
            f"A key pair with name '{name}' does not exist for account {owner.name} in specified domain id"
        )
        refusal.uuids = [{"uuid": owner.domain.id, "description": "domainId"}]
        raise refusal
    call.world.keypairs.remove(mine[0])
    return {"success": True}


async def list_keys(call: Call) -> Json:
    rows = [
        pair
        for pair in owned(call, call.world.keypairs)
        if same(call.text("name"), pair.name)
        and same(call.text("fingerprint"), pair.fingerprint)
        and holds(call.text("keyword"), pair.name)
    ]
    return page(call, rows, show_key)


async def register_data(call: Call) -> Json:
    world, owner, name = call.world, owner_for(call), call.given("name")
    if any(data.name == name and data.owner is owner for data in world.userdata):
        raise invalid(f"A userdata with name {name} already exists for this account.")
    data = model.UserData(
        **vars(world.birth(world.userdata)),
        owner=owner,
        name=name,
        data=call.given("userdata"),
        params=call.text("params"),
    )
    return {"userdata": show_data(world.userdata.add(data))}


def show_data(data: model.UserData) -> Json:
    shown: Json = {"id": data.id, "name": data.name, **ownership(data.owner), "userdata": data.data}
    if data.params:
        shown["params"] = data.params
    return shown | {"hasannotations": False}


async def list_data(call: Call) -> Json:
    rows = [data for data in owned(call, call.world.userdata) if same(call.text("name"), data.name)]
    return page(call, rows, show_data)


async def delete_data(call: Call) -> Json:
    data = call.need("id", call.world.userdata)
    touch(call, data.owner)
    if any(vm.registered is data for vm in call.world.vms):
        raise broken(f"Userdata {data.id} is in use")
    call.world.userdata.remove(data)
    return {"success": True}


HANDLERS: Handlers = {
    "createSSHKeyPair": create_key,
    "registerSSHKeyPair": register_key,
    "deleteSSHKeyPair": delete_key,
    "listSSHKeyPairs": list_keys,
    "registerUserData": register_data,
    "listUserData": list_data,
    "deleteUserData": delete_data,
}
