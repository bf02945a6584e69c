"""Our Protos/ against the descriptors inside the real client's jars: every number, type and label."""

import re
import subprocess
from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

from cluster import ROOT, java_home

PRINTER = ROOT.parent / "shared" / "wire" / "hadoop-protos.java"
FIELD = descriptor_pb2.FieldDescriptorProto


def compile_protos(folder: Path, output: Path) -> descriptor_pb2.FileDescriptorSet:
    files = sorted(path.name for path in folder.glob("*.proto"))
    subprocess.run(
        ["protoc", "-I", str(folder), f"--descriptor_set_out={output}", "--include_imports", *files],
        check=True,
        capture_output=True,
        text=True,
    )
    return descriptor_pb2.FileDescriptorSet.FromString(output.read_bytes())


def shapes(files: descriptor_pb2.FileDescriptorSet):
    """Messages, enums and services of YARN and of Hadoop's RPC, by package and name."""
    messages, enums, services = {}, {}, {}

    def field(f):
        defaults = f.default_value if f.HasField("default_value") else None
        return (f.name, FIELD.Type.Name(f.type), FIELD.Label.Name(f.label), f.type_name.lstrip("."), defaults)

    def take(message, prefix):
        name = prefix + message.name
        messages[name] = {f.number: field(f) for f in message.field}
        for nested in message.nested_type:
            take(nested, name + ".")
        for enum in message.enum_type:
            enums[name + "." + enum.name] = {v.number: v.name for v in enum.value}

    for file in files.file:
        if file.package not in ("hadoop.yarn", "hadoop.common"):
            continue
        for message in file.message_type:
            take(message, file.package + ".")
        for enum in file.enum_type:
            enums[f"{file.package}.{enum.name}"] = {v.number: v.name for v in enum.value}
        for service in file.service:
            services[f"{file.package}.{service.name}"] = {
                m.name: (m.input_type.lstrip("."), m.output_type.lstrip(".")) for m in service.method
            }
    return messages, enums, services


@pytest.fixture(scope="module", params=["3.5", "4.0"])
def both(request, sparks, tmp_path_factory):
    assert PRINTER.exists(), f"{PRINTER} is missing: it prints the descriptors that the client's jars carry"
    folder = tmp_path_factory.mktemp("protos")
    theirs = folder / "theirs"
    subprocess.run(
        [f"{java_home()}/bin/java", "--source", "17", str(PRINTER), "-o", str(theirs), str(sparks[request.param].jars)],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
    )
    ours = compile_protos(ROOT / "Protos", folder / "ours.pb")
    return request.param, shapes(ours), shapes(
        descriptor_pb2.FileDescriptorSet.FromString((theirs / "descriptors.bin").read_bytes())
    )


def is_newer(version: str, name: str) -> bool:
    """Spark 3.5 carries Hadoop 3.3.4: what only 3.4 has cannot be found there."""
    return version == "3.5"


def test_every_field_of_ours_is_theirs(both):
    version, (ours, _, _), (theirs, _, _) = both
    compared = 0
    for name, fields in ours.items():
        if name not in theirs:
            continue
        for number, field in fields.items():
            if number not in theirs[name] and is_newer(version, name):
                continue
            assert field == theirs[name].get(number), f"{name} field {number}"
            compared += 1
    assert compared > 500, "too few fields were compared for this test to mean anything"


def test_no_field_of_theirs_is_missing_except_profiles_and_federation(both):
    _, (ours, _, _), (theirs, _, _) = both
    for name, fields in theirs.items():
        for number, field in fields.items():
            left_out = "profile" in field[0].lower() or "Profile" in field[3] or "sub_cluster" in field[0]
            if name in ours and not left_out:
                assert number in ours[name], f"{name} lacks field {number} ({field[0]})"


def test_every_enum_agrees(both):
    version, (_, ours, _), (_, theirs, _) = both
    shared = [n for n in ours if n in theirs]
    assert len(shared) > 20
    for name in shared:
        for number, value in theirs[name].items():
            assert ours[name].get(number) == value, f"{name} {number}"
        if version != "3.5":
            assert ours[name] == theirs[name], name


def test_every_method_agrees(both):
    version, (_, _, ours), (_, _, theirs) = both
    for service, methods in ours.items():
        if service in theirs:
            for method, types in methods.items():
                if method in theirs[service] or version != "3.5":
                    assert theirs[service].get(method) == types, f"{service}.{method}"
    assert re.search("ApplicationClientProtocolService", " ".join(ours))
