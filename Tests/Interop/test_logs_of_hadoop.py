"""Aggregated logs that Hadoop's own NodeManager code wrote: `heddle logs` and the pages show what Hadoop's reader shows."""

import os
import random
import re
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from cluster import heddle_program, java_home
from daemons import Daemons
from test_log_reading import page

JAVA = Path(__file__).parent / "java"
APPLICATION = "application_1700000000000_10042"
# Two nodes with two containers and one; the ids sort otherwise than they are written.
NODES = {
    "localhost:45454": [f"container_1700000000000_10042_01_00000{number}" for number in (3, 1)],
    "node-2.example.org:8041": ["container_e17_1700000000000_10042_02_000002"],
}


@pytest.fixture(
    scope="module", params=[("3.5", "none"), ("4.0", "gz"), ("4.0", "none")], ids=["3.3.4-plain", "3.4.1-gz", "3.4.1-plain"]
)
def written(request, sparks, tmp_path_factory):
    """The ResourceManager, Hadoop's jars, and the files that were aggregated: container -> name -> bytes."""
    version, compression = request.param
    tmp_path = tmp_path_factory.mktemp("hadoop")
    sources = [JAVA / "ReadLogs.java", JAVA / "WriteLogs.java"]
    words = [f"{java_home()}/bin/javac", "-cp", f"{sparks[version].jars}/*", "-d", tmp_path / "classes", *sources]
    subprocess.run(words, check=True, capture_output=True, timeout=120)
    daemons = Daemons(tmp_path)
    daemons.set(
        **{
            "yarn.log-aggregation-enable": "true",
            "yarn.nodemanager.remote-app-log-dir": f"file://{tmp_path}/remote",
            "yarn.nodemanager.log-aggregation.compression-type": compression,
            "yarn.acl.enable": "true",
            "yarn.admin.acl": "root",
        }
    )
    numbers = random.Random(version + compression)
    lines = "".join(f"{number} {numbers.random()}\n" for number in range(120_000)).encode()
    files = {
        # Longer than Hadoop's chunks (1 MB) and its blocks, and of a length that ends in the middle of either.
        NODES["localhost:45454"][0]: {"stdout": lines, "stderr": b"oh\n", "syslog": lines[:1_048_576]},
        NODES["localhost:45454"][1]: {
            "stdout": b"no end of line", "empty": b"", "prelaunch.out": b"a\n\nb\n", "größe-日本.log": "grüße\n".encode() * 1000,
            "gc.log.0.current": b"x" * 1_048_577,
        },
        NODES["node-2.example.org:8041"][0]: {"stdout": b"far\n", "directory.info": b"LogType:stdout\nLogLength:3\nEnd of LogType:x\n"},
    }  # fmt: skip
    for number, (container, logs) in enumerate(files.items()):
        for place, (name, content) in enumerate(logs.items()):
            # On either of two disks.
            folder = tmp_path / f"disk{(number + place) % 2}" / APPLICATION / container
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    for node, containers in NODES.items():
        done = java(
            daemons, sparks[version], "WriteLogs", APPLICATION, "ann", node, "bob", f"{tmp_path}/disk0,{tmp_path}/disk1", *containers
        )
        assert done.returncode == 0, done.stderr.decode()
    daemons.start("resourcemanager")
    yield daemons, sparks[version], files
    daemons.close()


def java(daemons, spark, program, *words):
    command = [f"{java_home()}/bin/java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8"]
    command += ["-cp", f"{daemons.folder}/classes:{daemons.conf}:{spark.jars}/*", program, *map(str, words)]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "HADOOP_USER_NAME": "ann"}
    return subprocess.run(command, env=environment, capture_output=True, timeout=120)


def hadoop(written, what, container="-", size="-", *names):
    daemons, spark, _ = written
    done = java(daemons, spark, "ReadLogs", what, APPLICATION, "ann", container, size, *names)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def heddle(written, *words, user="ann", code=0):
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
    environment |= {"HADOOP_CONF_DIR": str(written[0].conf), "HADOOP_USER_NAME": user}
    command = [str(heddle_program()), "logs", *words, "-appOwner", "ann"]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120)
    assert done.returncode == code, done.stderr.decode()
    return done.stdout


def test_the_command_shows_what_hadoops_own_reader_shows(written):
    _, _, files = written
    theirs = hadoop(written, "logs")
    for container, logs in files.items():
        for name, content in logs.items():
            assert b"LogContents:\n" + content in theirs, (container, name)
    assert heddle(written, "-applicationId", APPLICATION) == theirs
    for what, option in (("table", "-show_container_log_info"), ("nodes", "-list_nodes")):
        assert heddle(written, "-applicationId", APPLICATION, option) == hadoop(written, what), what
    listed = heddle(written, "-applicationId", APPLICATION, "-show_application_log_info")
    assert listed == b"Application State: Completed.\n" + hadoop(written, "containers")
    # The first bytes and the last, across the ends of Hadoop's chunks.
    for (container, logs), size in zip(files.items(), (1_048_577, -1_048_577, -2)):
        name = "gc.log.0.current" if "gc.log.0.current" in logs else "stdout"
        assert heddle(written, "-containerId", container) == hadoop(written, "logs", container), container
        part = heddle(written, "-containerId", container, "-log_files", name, "-size", str(size))
        assert part == hadoop(written, "logs", container, size, name), (container, name, size)


def test_each_log_comes_out_by_itself_and_to_files(written, tmp_path):
    daemons, _, files = written
    out = tmp_path / "out"
    heddle(written, "-applicationId", APPLICATION, "-out", str(out))
    folders = {node.replace(":", "_"): set(containers) for node, containers in NODES.items()}
    assert {folder.name: {file.name for file in folder.iterdir()} for folder in out.iterdir()} == folders
    for file in out.glob("*/*"):
        text = file.read_bytes()
        for name, content in files[file.name].items():
            head = f"LogType:{name}\n".encode()
            assert head in text and b"LogLength:%d\nLogContents:\n%s" % (len(content), content) in text, (file, name)


def test_one_node_alone_is_asked_for_by_its_address_or_its_host(written):
    for word, node in (("localhost:45454", "localhost:45454"), ("node-2.example.org", "node-2.example.org:8041")):
        shown = heddle(written, "-applicationId", APPLICATION, "-nodeAddress", word).decode()
        found = set(re.findall(r"^Container: (\S+) on (\S+)$", shown, re.M))
        assert found == {(container, node.replace(":", "_")) for container in NODES[node]}, found
    # Neither the other's container nor an unknown node has anything there.
    heddle(written, "-applicationId", APPLICATION, "-nodeAddress", "localhost:45455", code=255)
    heddle(written, "-containerId", NODES["localhost:45454"][0], "-nodeAddress", "node-2.example.org:8041", code=255)


def test_the_pages_show_it_to_those_whom_the_file_names(written):
    daemons, _, files = written
    for node, containers in NODES.items():
        for container in containers:
            base = f"/jobhistory/logs/{node}/{container}/{container}/ann"
            status, _, text = page(daemons, "webapp", f"{base}?user.name=bob")
            assert status == 200, text
            for name, content in files[container].items():
                assert f">{name}<" in text and f">{len(content)}</td>" in text, (name, text[:3000])
                address = f"{base}/{urllib.parse.quote(name)}?format=octet-stream&user.name=ann"
                status, headers, body = page(daemons, "webapp", address)
                assert (status, headers["Content-Length"], body) == (200, str(len(content)), content.decode()), name
            name, content = next(iter(files[container].items()))
            start, end = len(content) // 3, len(content) // 3 + 40
            status, _, text = page(daemons, "webapp", f"{base}/{name}?start={start}&end={end}&user.name=ann")
            shown = re.search(r"<pre>(.*?)</pre>", text, re.S).group(1)
            assert status == 200 and shown == content[start:end].decode(), (container, name)
            for address in (base, f"{base}/stdout?format=octet-stream"):
                status, _, text = page(daemons, "webapp", f"{address}{'&' if '?' in address else '?'}user.name=mallory")
                assert "not authorized" in text.lower() and content[:40].decode() not in text, (status, text[:500])
