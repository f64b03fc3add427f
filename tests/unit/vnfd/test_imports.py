"""Imports over several files, the standard types without network, and derivation of types."""

from __future__ import annotations

import pytest

from tests.unit.vnfd.build import BASE, csar, edited, line_of, zipped
from vnfm.vnfd import PackageError, limits, read_package, syntax

IMPORTS = "imports:\n  - etsi_nfv_sol001_vnfd_types.yaml\n"
VERSION = "tosca_definitions_version: tosca_simple_yaml_1_3\n"
TYPES = VERSION + BASE[BASE.index("node_types:") : BASE.index("topology_template:")]
TOPOLOGY = VERSION + "imports: [ IMPORT ]\n" + BASE[BASE.index("topology_template:") :]


def read(files: dict[str, str], entry: str = "defs/vnfd.yaml") -> str:
    return read_package(zipped(csar(files, entry))).vnfd.id


def refused(files: dict[str, str], entry: str = "defs/vnfd.yaml") -> PackageError:
    with pytest.raises(PackageError) as caught:
        read(files, entry)
    return caught.value


@pytest.mark.parametrize(
    "written",
    [
        "types.yaml",
        "sub/types.yaml",
        "defs/types.yaml",
        "../types.yaml",
        "{ file: types.yaml }",
        "{ acme_types: types.yaml }",
        "{ acme_types: { file: sub/types.yaml } }",
        "{ file: types.yaml, namespace_prefix: acme }",
    ],
)
def test_every_form_of_import_finds_the_file(written: str) -> None:
    places = {"sub/types.yaml": "defs/sub/types.yaml", "../types.yaml": "types.yaml"}
    place = next((path for form, path in places.items() if form in written), "defs/types.yaml")
    assert read({"defs/vnfd.yaml": TOPOLOGY.replace("IMPORT", written), place: TYPES}) == "d-1"


@pytest.mark.parametrize("form", ["imports: types.yaml\n", "imports:\n  acme: types.yaml\n"])
def test_imports_that_are_no_list(form: str) -> None:
    text = TOPOLOGY.replace("imports: [ IMPORT ]\n", form)
    assert read({"defs/vnfd.yaml": text, "defs/types.yaml": TYPES}) == "d-1"


@pytest.mark.parametrize(
    "written",
    [
        "etsi_nfv_sol001_vnfd_types.yaml",
        "etsi_nfv_sol001_vnfd_2_5_1_types.yaml",
        "https://forge.etsi.org/rep/nfv/SOL001/raw/v2.7.1/etsi_nfv_sol001_vnfd_types.yaml",
        "{ file: etsi_nfv_sol001_common_types.yaml, repository: etsi }",
        "types/etsi_nfv_sol001_vnfd_types.yaml",
    ],
)
def test_the_standard_types_need_neither_network_nor_file(written: str) -> None:
    text = edited((IMPORTS, f"imports:\n  - {written}\n"))
    assert read_package(text.encode()).vnfd.id == "d-1"


def test_a_standard_file_in_the_package_is_not_even_parsed() -> None:
    assert read({"vnfd.yaml": BASE, "etsi_nfv_sol001_vnfd_types.yaml": "[ not yaml"}, "vnfd.yaml") == "d-1"


def test_a_file_imported_on_two_ways_is_read_once() -> None:
    middle = VERSION + "imports: [ types.yaml ]\n"
    files = {"a.yaml": TOPOLOGY.replace("IMPORT", "b.yaml, c.yaml"), "b.yaml": middle, "c.yaml": middle}
    assert read({**files, "types.yaml": TYPES}, "a.yaml") == "d-1"


BAD_IMPORTS = {
    "missing": ("gone.yaml", "import-missing"),
    "upwards out of the package": ("../../gone.yaml", "import-outside"),
    "absolute": ("/etc/types.yaml", "import-outside"),
    "foreign URL": ("https://acme.example/types.yaml", "import-url"),
    "file URL": ("file:///etc/passwd", "import-url"),
    "foreign repository": ("{ file: types.yaml, repository: acme }", "import-url"),
    "not YAML": ("types.txt", "import-not-yaml"),
}


@pytest.mark.parametrize("case", BAD_IMPORTS)
def test_bad_imports_are_refused(case: str) -> None:
    written, rule = BAD_IMPORTS[case]
    error = refused({"defs/vnfd.yaml": TOPOLOGY.replace("IMPORT", written), "defs/types.txt": TYPES})
    assert (error.rule, error.file, error.line) == (rule, "defs/vnfd.yaml", 2)


def test_a_cycle_is_named() -> None:
    files = {f"{a}.yaml": f"{VERSION}imports:\n  - {b}.yaml\n" for a, b in ("ab", "bc", "cb")}
    error = refused(files, "a.yaml")
    assert (error.rule, error.file, error.line) == ("import-cycle", "c.yaml", 3)
    assert "b.yaml -> c.yaml -> b.yaml" in error.detail


def test_a_type_must_not_be_defined_twice() -> None:
    files = {"a.yaml": TOPOLOGY.replace("IMPORT", "b.yaml, c.yaml"), "b.yaml": TYPES, "c.yaml": TYPES}
    error = refused(files, "a.yaml")
    assert (error.rule, error.file, error.line) == (
        "type-defined-twice",
        "c.yaml",
        line_of(TYPES, "acme.Middle:"),
    )


BAD_TYPES = {
    "unknown grammar": (("yaml_1_3", "yaml_9_9"), "tosca-version", "yaml_9_9"),
    "no grammar": (("tosca_definitions_version: tosca_simple_yaml_1_3\n", ""), "missing-key", "imports"),
    "parent not defined": (
        ("derived_from: acme.Middle", "derived_from: acme.Gone"),
        "unknown-type",
        "node_type: acme.Vnf",
    ),
    "derives from itself": (
        ("derived_from: tosca.nodes.nfv.VNF", "derived_from: acme.Vnf"),
        "cyclic-derivation",
        "node_type: acme.Vnf",
    ),
    "misspelt standard type": (
        ("nodes.nfv.VnfVirtualLink", "nodes.nfv.VirtualLink"),
        "unknown-type",
        "    inner:",
    ),
    "unknown policy type": (
        ("policies.nfv.VduInitialDelta", "policies.nfv.Delta"),
        "unknown-type",
        "- initial:",
    ),
    "not a VNF": (("node_type: acme.Vnf", "node_type: tosca.nodes.nfv.Cp"), "no-flavour", None),
}


@pytest.mark.parametrize("case", BAD_TYPES)
def test_bad_types_are_refused(case: str) -> None:
    edit, rule, fragment = BAD_TYPES[case]
    text = edited(edit)
    with pytest.raises(PackageError) as caught:
        read_package(text.encode())
    line = line_of(text, fragment) if fragment else 1
    if fragment == "- initial:":
        line = line_of(text, "initial:")
    assert (caught.value.rule, caught.value.line) == (rule, line)


def test_many_small_files_are_as_limited_as_one_large(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a.yaml": TOPOLOGY.replace("IMPORT", "b.yaml"), "b.yaml": TYPES}
    together = sum(syntax.parse(text.encode(), name).weight for name, text in files.items())
    monkeypatch.setattr(limits, "MAX_NODES", together)
    assert read(files, "a.yaml") == "d-1"
    monkeypatch.setattr(limits, "MAX_NODES", together - 1)
    assert refused(files, "a.yaml").rule == "yaml-too-large"


def test_data_types_that_multiply_are_stopped() -> None:
    """Each type holds the one before twice: a few lines of YAML with defaults beyond counting."""
    lines = ["data_types:\n  t0: { properties: { a: { type: string, default: x } } }\n"]
    lines += [
        f"  t{n}: {{ properties: {{ a: {{ type: t{n - 1} }}, b: {{ type: t{n - 1} }} }} }}\n"
        for n in range(1, 40)
    ]
    for deepest in (15, 39):
        text = edited(("topology_template:", f"      big: {{ type: t{deepest} }}\ntopology_template:"))
        if deepest == 15:
            assert read_package(("".join(lines) + text).encode()).vnfd.id == "d-1"
            continue
        with pytest.raises(PackageError, match="data-type-too-deep"):
            read_package(("".join(lines) + text).encode())
