"""The staging server, used by Hadoop's own file system classes, curl and Python's `hdfs`; `test_spark_staging.py` has Spark."""

import json
import os
import socket
import subprocess
from pathlib import Path

import hdfs
import pytest

from cluster import shipped_files, wait_until
from daemons import Daemons
from staging import Staging

JOBS = Path(__file__).parent / "jobs"
FILES = Path(__file__).parent / "java" / "UseFiles.java"


@pytest.fixture
def staging(tmp_path):
    server = Staging(tmp_path / "staging")
    server.start()
    yield server
    server.stop()


def test_hadoops_shell_does_everything_it_does_on_hdfs(staging, spark35, tmp_path):
    def shell(*words, **options):
        return staging.shell(spark35, *words, **options)

    big, small = tmp_path / "big", tmp_path / "small"
    big.write_bytes(os.urandom(3_000_000))
    small.write_text("hello\n")
    shell("-fs", staging.uri, "-mkdir", "-p", "/user/root/a")
    shell("-put", big, small, "/user/root/a/")
    assert shell("-ls", "-C", "/user/root/a").split() == ["/user/root/a/big", "/user/root/a/small"]
    shell("-get", "/user/root/a/big", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    shell("-chmod", "640", "a/small")
    shell("-mv", "a/small", "a/text")
    shell("-appendToFile", small, "a/text")
    assert shell("-cat", "a/text") == "hello\nhello\n"
    shell("-setrep", "2", "a/text")
    shell("-chown", "bob:users", "a/text")
    assert shell("-stat", "%F %u:%g %a %b %r %n", "a/text") == "regular file bob:users 640 12 2 text\n"
    shell("-getmerge", "a", tmp_path / "merged")
    assert (tmp_path / "merged").read_bytes() == big.read_bytes() + b"hello\nhello\n"
    assert shell("-du", "-s", "a").split()[:2] == ["3000012", "9000024"]
    assert shell("-count", "a").split()[:3] == ["1", "2", "3000012"]
    shell("-cp", "a/text", "a/copy")
    sums = [line.split("\t")[1:] for line in shell("-checksum", "a/text", "a/copy").splitlines()]
    assert sums[0] == sums[1] and sums[0][0] == "MD5-of-0MD5-of-512CRC32C"
    shell("-truncate", "-w", "3", "a/copy")
    assert shell("-cat", "a/copy") == "hel"
    shell("-touchz", "a/zero")
    shell("-setfattr", "-n", "user.x", "-v", "a value", "a/zero")
    assert 'user.x="a value"' in shell("-getfattr", "-d", "a/zero")
    assert "user::rw-" in shell("-getfacl", "a/zero")
    shell("-put", small, "/tmp/a b%c+d")
    assert shell("-cat", "/tmp/a b%c+d") == "hello\n"
    shell("-test", "-e", "a/none", code=1)
    assert "No such file or directory" in shell("-cat", "a/none", code=1)
    assert "Permission denied: user=mallory" in shell("-rm", "-skipTrash", "/user/root/a/big", code=1, user="mallory")
    shell("-rm", "-r", "-skipTrash", "a")
    assert shell("-ls", "-C", "/user/root") == ""


@pytest.mark.parametrize("version", ["3.5", "4.0"])
def test_hadoops_classes_find_what_the_shell_does_not_ask_for(staging, sparks, version):
    # Past two batches of LISTSTATUS_BATCH.
    for number in range(2_500):
        assert staging.call("PUT", f"/many/{number}?op=MKDIRS")[0] == 200
    done = staging.java(sparks[version], FILES, "/many")
    assert done.returncode == 0, done.stderr
    found = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert found == {
        "list": "2500", "rename": "org.apache.hadoop.fs.FileAlreadyExistsException", "overwrite": "false one",
        "times": "1234567890123 5 true", "access": "granted", "none": "java.io.FileNotFoundException",
        "child": "java.io.FileNotFoundException", "defaults": "134217728 3 CRC32C", "trash": "/user/root/.Trash", "room": "true",
    }, done.stdout  # fmt: skip


def test_curl_uploads_and_downloads(staging, tmp_path):
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(os.urandom(8_000_000))
    curl = ["curl", "-sS", "--fail-with-body", "-L"]
    subprocess.run([*curl, "-T", source, staging.url("/tmp/f?op=CREATE")], check=True, timeout=60)
    subprocess.run([*curl, "-o", target, staging.url("/tmp/f?op=OPEN")], check=True, timeout=60)
    assert target.read_bytes() == source.read_bytes()
    # As to HttpFS, in one step.
    one, head = staging.url("/tmp/g?op=CREATE&data=true"), tmp_path / "head"
    subprocess.run([*curl, "-T", source, "-D", head, one], check=True, timeout=60)
    assert [line.split()[1] for line in head.read_text().splitlines() if line.startswith("HTTP/")][-1] == "201"
    assert "307" not in head.read_text()
    subprocess.run([*curl, "-o", target, staging.url("/tmp/g?op=OPEN")], check=True, timeout=60)
    assert target.read_bytes() == source.read_bytes()
    part = subprocess.run(
        [*curl, staging.url("/tmp/f?op=OPEN&offset=7999990&length=5")], check=True, capture_output=True, timeout=60
    )
    assert part.stdout == source.read_bytes()[7_999_990:7_999_995]


def test_the_python_package_hdfs_works(staging):
    client = hdfs.InsecureClient(f"http://127.0.0.1:{staging.port}", user="root")
    client.makedirs("/data/in")
    client.write("/data/in/a.json", json.dumps({"a": 1}), encoding="utf-8")
    client.write("/data/in/a.json", "\n", encoding="utf-8", append=True)
    with client.read("/data/in/a.json", encoding="utf-8") as reader:
        assert json.load(reader) == {"a": 1}
    with pytest.raises(hdfs.HdfsError):
        client.write("/data/in/a.json", "x", encoding="utf-8")
    client.write("/data/in/a.json", "x", encoding="utf-8", overwrite=True)
    assert client.list("/data/in") == ["a.json"]
    assert client.status("/data/in/a.json")["length"] == 1
    assert client.content("/data")["fileCount"] == 1
    assert client.checksum("/data/in/a.json")["algorithm"] == "MD5-of-0MD5-of-512CRC32C"
    client.rename("/data/in/a.json", "/data/b.json")
    client.set_permission("/data/b.json", "600")
    assert client.acl_status("/data/b.json")["permission"] == "600"
    assert [path for path, _, _ in client.walk("/data")] == ["/data", "/data/in"]
    assert client.delete("/data", recursive=True)
    assert client.status("/data", strict=False) is None


def test_killed_in_the_middle_nothing_acknowledged_is_lost_and_nothing_half_is_shown(staging, tmp_path):
    client = hdfs.InsecureClient(f"http://127.0.0.1:{staging.port}", user="root")
    contents = {}
    for number in range(20):
        contents[f"/tmp/f{number}"] = os.urandom(10_000)
        client.write(f"/tmp/f{number}", contents[f"/tmp/f{number}"])
    # One stream that goes on, one that replaces a file, one into a staging folder.
    streams = []
    for path in ("/tmp/log", "/tmp/f0", "/user/root/.sparkStaging/application_1_1/a.jar"):
        status, location = staging.call("PUT", f"{path}?op=CREATE&overwrite=true")
        assert status == 307
        stream = socket.create_connection(("127.0.0.1", staging.port))
        target = location.decode().split(str(staging.port), 1)[1]
        stream.sendall(f"PUT {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n".encode() + b"x" * 5000)
        streams.append(stream)
    wait_until(lambda: client.status("/tmp/log")["length"] == 5000, 30, "the stream's bytes")
    staging.kill()
    for stream in streams:
        stream.close()
    staging.start()
    for path, content in contents.items():
        with client.read(path) as reader:
            assert reader.read() == content, path
    assert client.status("/user/root/.sparkStaging/application_1_1/a.jar", strict=False) is None
    with client.read("/tmp/log") as reader:
        assert reader.read() == b"x" * 5000
    # The log's prefix is a closed file: another may go on with it.
    client.write("/tmp/log", b"end", append=True)
    assert len(staging.content()) == 22
    assert list((staging.folder / "tmp/heddle/staging/streams").iterdir()) == []


def test_the_same_bytes_are_downloaded_once_by_a_node(staging, make_cluster, spark35, tmp_path):
    """Two applications upload the same archive, each to a folder of its own; the node keeps one copy."""
    cluster = make_cluster(nodes=1)
    shipped = shipped_files(tmp_path)
    options = [f"spark.yarn.stagingDir={staging.uri}/user/root"]
    for _ in range(2):
        done = cluster.succeed(spark35, "client", JOBS / "shipped.py", options=options + shipped)
        assert done.answer == [[0, 0, "a note", "deep inside"], [1, 2, "a note", "deep inside"]]
    copies = list(cluster.folder.glob("**/filecache/*/box.zip"))
    assert len(copies) == 1 and (copies[0] / "inner/deep.txt").read_text() == "deep inside"


def test_a_file_of_an_hdfs_comes_over_the_gateway_that_the_configuration_names(staging, tmp_path):
    staging.write("/data/file", b"over the gateway")
    (tmp_path / "node").mkdir()
    daemons = Daemons(
        tmp_path / "node", **{"heddle.transfer.hdfs-gateway.namenode:8020": staging.uri, "heddle.transfer.attempts": "1"}
    )
    try:
        daemons.start_both()
        known = daemons.submit("cp file <LOG_DIR>/found", resources={"file": "hdfs://namenode:8020/data/file"})
        unknown = daemons.submit("true", resources={"file": "hdfs://other:8020/data/file"})
        daemons.wait_for_end(known)
        assert (daemons.log_folder(known) / "found").read_bytes() == b"over the gateway"
        diagnostics = daemons.wait_for_end(unknown)["diagnostics"]
        assert "set heddle.transfer.hdfs-gateway.other:8020 to the WebHDFS address" in diagnostics, diagnostics
    finally:
        daemons.close()
