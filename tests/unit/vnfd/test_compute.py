"""VDUs, images, storages and first-boot data in the dialects of the releases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.vnfd.build import BASE, csar, edited, flavour_of, line_of, zipped
from vnfm.domain.vnfd import SoftwareImage, Vdu, VirtualStorage
from vnfm.vnfd import PackageError, read_package

GIB = 2**30


def test_the_whole_vdu() -> None:
    flavour = flavour_of(BASE)
    front = flavour.vdus["front"]
    assert (front.name, front.description, front.cpus, front.memory) == ("front", "first", 2, 512 * 2**20)
    assert (front.min_instances, front.max_instances, front.storages) == (1, 5, ("disk",))
    assert front.image == SoftwareImage(
        id="front",
        name="front",
        version="1.10",
        checksum_algorithm="sha-256",
        checksum_hash="abcd",
        disk_format="raw",
        min_disk=2 * 10**9,
        size=10**9,
        path="images/front.qcow2",
    )
    assert flavour.storages == {"disk": VirtualStorage("disk", 3 * GIB)}


def test_several_images_the_one_named_sw_image_is_deployed() -> None:
    other = (
        "        for_vmware: { type: tosca.artifacts.nfv.SwImage, file: front.vmdk, properties: "
        "{ name: front, version: 1, size: 1 GB, disk_format: vmdk, operating_system: Linux, "
        "supported_virtualisation_environments: [ VMware ] } }\n"
    )
    package = read_package(edited(("      artifacts:\n", f"      artifacts:\n{other}")).encode())
    front = package.vnfd.flavours["one"].vdus["front"]
    assert front.image is not None
    assert (front.image.id, front.image.path) == ("front", "images/front.qcow2")
    (further,) = front.more_images
    assert (further.id, further.disk_format) == ("front.for_vmware", "vmdk")
    assert (further.operating_system, further.environments) == ("Linux", ("VMware",))
    (note,) = package.notes
    assert "'front.for_vmware' is not used" in note


def test_without_that_name_the_first_image_written_is_deployed() -> None:
    image = "{{ type: tosca.artifacts.nfv.SwImage, file: {0}, properties: {{ name: {0}, version: 1 }} }}"
    written = f"        b: {image.format('b')}\n        a: {image.format('a')}\n"
    main = BASE[BASE.index("        sw_image:\n") : BASE.index("    back:\n")]
    front = flavour_of(edited((main, written))).vdus["front"]
    assert front.image is not None
    assert (front.image.id, front.image.name) == ("front", "b")
    assert [item.id for item in front.more_images] == ["front.a"]


def test_what_storages_must_offer_is_kept() -> None:
    kept = "vdu_storage_requirements: { tier: fast }"
    text = edited(
        ("{ size_of_storage: 3 GiB }", f"{{ size_of_storage: 3 GiB, rdma_enabled: true, {kept} }}"),
        (
            "virtual_cpu: { num_virtual_cpu: 2 }",
            "virtual_cpu: { num_virtual_cpu: 2 }\n            virtual_local_storage: "
            f"[ {{ size_of_storage: 1 GiB, {kept} }}, {{ size_of_storage: 1 GiB }} ]",
        ),
    )
    assert [note.partition(": ")[2] for note in read_package(text.encode()).notes] == [
        "requirements of the storage 'disk' are not looked at: tier",
        "requirements of the local disk of 'front' are not looked at: tier",
        "no RDMA is provided for the storages disk",
    ]
    flavour = flavour_of(text)
    assert flavour.storages["disk"] == VirtualStorage("disk", 3 * GIB, None, {"tier": "fast"}, rdma=True)
    assert flavour.vdus["front"].local_disk_requirements == {"tier": "fast"}


def test_tags_of_the_storage_a_root_disk_is_to_lie_on() -> None:
    tagged = "vdu_storage_requirements: { storage_tags: 'ssd, nvme,' }"
    local = edited(
        (
            "virtual_cpu: { num_virtual_cpu: 2 }",
            "virtual_cpu: { num_virtual_cpu: 2 }\n            virtual_local_storage: "
            f"[ {{ size_of_storage: 1 GiB, {tagged} }} ]",
        ),
    )
    flavour = flavour_of(local)
    assert flavour.root_tags(flavour.vdus["front"]) == ("nvme", "ssd")
    assert flavour.root_tags(flavour.vdus["back"]) == ()
    boot = VirtualStorage("boot", GIB, flavour.boot_image("front"), {"storage_tags": "gold"})
    booted = replace(flavour.vdus["back"], storages=("boot",))
    assert replace(flavour, storages={"boot": boot}).root_tags(booted) == ("gold",)


SIZES = {
    "512 MiB": 2**29,
    "512MiB": 2**29,
    "0.5 GiB": 2**29,
    "1 gb": 10**9,
    "1000 kB": 10**6,
    "1 TiB": 2**40,
    "7 B": 7,
}


@pytest.mark.parametrize("written", SIZES)
def test_sizes(written: str) -> None:
    flavour = flavour_of(edited(("virtual_mem_size: 256MiB", f"virtual_mem_size: {written}")))
    assert flavour.vdus["back"].memory == SIZES[written]


CHECKSUMS = {
    "checksum: " + "a" * 64: ("sha-256", "a" * 64),
    "checksum: 'SHA-512:BEEF'": ("sha-512", "beef"),
    "checksum: { algorithm: SHA-384, hash: C0DE }": ("sha-384", "c0de"),
}


@pytest.mark.parametrize("written", CHECKSUMS)
def test_checksum_as_text_and_as_structure(written: str) -> None:
    image = flavour_of(edited(("checksum: abcd", written))).vdus["back"].image
    assert image is not None
    assert (image.checksum_algorithm, image.checksum_hash) == CHECKSUMS[written]


def test_artifact_properties_win_over_sw_image_data() -> None:
    data = "        sw_image_data: { name: old, provider: Acme, size: 5 GB }\n"
    both = ("        description: first\n", f"        description: first\n{data}")
    image = flavour_of(edited(both)).vdus["front"].image
    assert image is not None
    assert (image.name, image.size, image.provider) == ("front", 10**9, "Acme")


def test_an_image_on_the_boot_volume() -> None:
    text = edited(
        (
            "sw_image_data: { name: back, version: '1', checksum: abcd, size: 1 GB, min_disk: 1 GB }",
            "boot_order: [ boot ]",
        ),
        (
            "            virtual_memory: { virtual_mem_size: 256MiB }\n",
            "            virtual_memory: { virtual_mem_size: 256MiB }\n"
            "      requirements: [ virtual_storage: data, virtual_storage_1: { node: boot } ]\n",
        ),
        (
            "    disk:\n",
            "    data:\n      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage\n      properties:\n"
            "        virtual_block_storage_data: { size_of_storage: 1 GB }\n"
            "    boot:\n      type: tosca.nodes.nfv.Vdu.VirtualBlockStorage\n      properties:\n"
            "        virtual_block_storage_data: { size_of_storage: 4 GB }\n"
            "        sw_image_data: { name: os, version: 3, size: 1 GB }\n    disk:\n",
        ),
    )
    flavour = flavour_of(text)
    assert (flavour.vdus["back"].image, flavour.vdus["back"].storages) == (None, ("boot", "data"))
    image = flavour.boot_image("back")
    assert image is not None
    assert (image.id, image.name, image.version) == ("boot", "os", "3")


def vdu_with(properties: str, extra: str = "", **files: str) -> Vdu:
    text = edited(
        ("        boot_data: { content_or_file_data: { content: hello } }\n", f"        {properties}\n"),
        ("      artifacts:\n", f"      artifacts:\n{extra}"),
    )
    package = read_package(
        zipped(csar({"defs/vnfd.yaml": text, "init.txt": "from a file"}, "defs/vnfd.yaml"))
    )
    return package.vnfd.flavours["one"].vdus["front"]


CLOUD_INIT = "        cloud_init: { type: tosca.artifacts.File, file: ../init.txt }\n"
BOOT = {
    "text of 2.5": ("boot_data: plain text", "", "plain text"),
    "content": ("boot_data: { content_or_file_data: { content: inline } }", "", "inline"),
    "file beside": ("boot_data: { content_or_file_data: { source_path: ../init.txt } }", "", "from a file"),
    "file from the root": (
        "boot_data: { content_or_file_data: { source_path: init.txt } }",
        "",
        "from a file",
    ),
    "file of an artifact": (
        "boot_data: { content_or_file_data: { source_path: { get_artifact: [ SELF, cloud_init ] } } }",
        CLOUD_INIT,
        "from a file",
    ),
    "content for a file": (
        "boot_data: { content_or_file_data: { content: 'a: \"b\"', destination_path: /etc/x } }",
        "",
        '#cloud-config\n{"write_files": [{"path": "/etc/x", "content": "a: \\"b\\""}]}\n',
    ),
    "pairs": ("boot_data: { kvp_data: { data: { a: 1, b: two } } }", "", "a=1\nb=two\n"),
    "pairs where content could be": ("boot_data: { content_or_file_data: { data: { a: 1 } } }", "", "a=1\n"),
    "artifact by name": ("nfvi_constraints: [ ]", CLOUD_INIT, "from a file"),
    "artifact as a bare file": ("nfvi_constraints: [ ]", "        user_data: ../init.txt\n", "from a file"),
    "none": ("nfvi_constraints: [ ]", "", None),
}


@pytest.mark.parametrize("case", BOOT)
def test_first_boot_data(case: str) -> None:
    properties, extra, expected = BOOT[case]
    assert vdu_with(properties, extra).user_data == expected


BAD_BOOT = {
    "file not in the package": ("{ source_path: gone.txt }", "file-missing"),
    "file outside": ("{ source_path: ../../gone.txt }", "path-outside"),
    "file by URL": ("{ source_path: 'https://acme.example/x' }", "boot-data"),
    "content and file": ("{ content: a, source_path: b }", "boot-data"),
    "nothing": ("{ destination_path: /x }", "missing-key"),
}


@pytest.mark.parametrize("case", BAD_BOOT)
def test_bad_first_boot_data_is_refused(case: str) -> None:
    written, rule = BAD_BOOT[case]
    with pytest.raises(PackageError) as caught:
        vdu_with(f"boot_data: {{ content_or_file_data: {written} }}")
    assert caught.value.rule == rule


def test_lists_and_maps_of_different_releases() -> None:
    assert vdu_with("nfvi_constraints: [ fast ]").nfvi_constraints == {"fast": "fast"}
    assert vdu_with("nfvi_constraints: { zone: a }").nfvi_constraints == {"zone": "a"}
    assert vdu_with("boot_order: true").storages == ("disk",)
    disks = "virtual_cpu: { num_virtual_cpu: 2 }\n            virtual_local_storage: "
    for form in ("[ { size_of_storage: 1 GiB }, { size_of_storage: 2 GiB } ]", "{ size_of_storage: 3 GiB }"):
        flavour = flavour_of(edited(("virtual_cpu: { num_virtual_cpu: 2 }", disks + form)))
        assert flavour.vdus["front"].local_disk == 3 * GIB


BAD = {
    "no CPU": (("{ num_virtual_cpu: 1 }", "{ }"), "missing-key", "virtual_cpu: { }"),
    "zero CPUs": (("num_virtual_cpu: 1", "num_virtual_cpu: 0"), "out-of-range", "num_virtual_cpu: 0"),
    "CPUs as text": (("num_virtual_cpu: 1", "num_virtual_cpu: many"), "not-an-integer", "many"),
    "size without unit": (("256MiB", "256"), "scalar-unit", "virtual_mem_size: 256"),
    "size with a strange unit": (("256MiB", "256 MIPS"), "scalar-unit", "256 MIPS"),
    "no memory": (("256MiB", "0"), "out-of-range", "virtual_mem_size: 0"),
    "minimum above maximum": (
        (
            "{ min_number_of_instances: 1, max_number_of_instances: 1 }",
            "{ min_number_of_instances: 2, max_number_of_instances: 1 }",
        ),
        "instances",
        "instances: 2",
    ),
    "no image": (
        (
            "        sw_image_data: { name: back, version: "
            "'1', checksum: abcd, size: 1 GB, min_disk: 1 GB }\n",
            "",
        ),
        "vdu-without-image",
        "    back:",
    ),
    "image without a name": (
        ("sw_image_data: { name: back, ", "sw_image_data: { "),
        "missing-key",
        "sw_image_data",
    ),
    "storage that is none": (
        ("virtual_storage: disk", "virtual_storage: inner"),
        "unknown-node",
        "virtual_storage",
    ),
    "shared storage": (
        ("{ size_of_storage: 3 GiB }", "{ size_of_storage: 3 GiB }\n        per_vnfc_instance: false"),
        "unsupported-type",
        "per_vnfc_instance",
    ),
    "container": (
        ("    disk:\n", "    pod:\n      type: tosca.nodes.nfv.Vdu.OsContainer\n    disk:\n"),
        "unsupported-type",
        "    pod:",
    ),
    "file storage": (
        ("    disk:\n", "    nfs:\n      type: tosca.nodes.nfv.Vdu.VirtualFileStorage\n    disk:\n"),
        "unsupported-type",
        "    nfs:",
    ),
    "boot order of strangers": (
        ("name: front\n        desc", "name: front\n        boot_order: [ x ]\n        desc"),
        "unknown-node",
        "boot_order",
    ),
    "constraint of a property": (
        (
            "      provider: { type: string, default: Acme }",
            "      provider: { type: string, default: Acme, constraints: [ valid_values: [ Other ] ] }",
        ),
        "constraint",
        "node_type: acme.Vnf",
    ),
    "required property": (
        (
            "      provider: { type: string, default: Acme }",
            "      provider: { type: string, required: true }",
        ),
        "required-property",
        "node_type: acme.Vnf",
    ),
    "no descriptor id": (
        ("      descriptor_id: { type: string, default: d-1 }\n", ""),
        "missing-key",
        "topology_template",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_descriptors_are_refused(case: str) -> None:
    edit, rule, fragment = BAD[case]
    text = edited(edit)
    with pytest.raises(PackageError) as caught:
        flavour_of(text)
    error = caught.value
    assert (error.rule, error.file) == (rule, "vnfd.yaml")
    if case not in ("constraint of a property",):  # the default, where it is written, breaks it
        assert error.line == line_of(text, fragment)
