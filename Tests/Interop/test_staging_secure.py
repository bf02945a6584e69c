"""A staging server over https: Hadoop's own client as swebhdfs, curl, Python's `hdfs`, and Heddle's NodeManager."""

import json
import os
import ssl
import subprocess
import urllib.request
from pathlib import Path

import hdfs
import pytest
import requests

from daemons import Daemons
from staging import SecureStaging, Staging, make_certificate

@pytest.fixture
def staging(tmp_path):
    server = SecureStaging(tmp_path / "staging")
    server.start()
    yield server
    server.stop()


def test_hadoops_shell_uses_it_as_swebhdfs(staging, spark35, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(os.urandom(3_000_000))
    (tmp_path / "small").write_text("hello\n")
    staging.shell(spark35, "-mkdir", "-p", "/user/root/a")
    staging.shell(spark35, "-put", big, "a/big")
    staging.shell(spark35, "-get", "a/big", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == big.read_bytes()
    staging.shell(spark35, "-put", tmp_path / "small", "a/text")
    staging.shell(spark35, "-appendToFile", tmp_path / "small", "a/text")
    assert staging.shell(spark35, "-cat", "a/text") == "hello\nhello\n"
    # The same tree by http.
    assert staging.shell(spark35, "-ls", "-C", f"{staging.uri}/user/root/a").split() == [
        f"{staging.uri}/user/root/a/big",
        f"{staging.uri}/user/root/a/text",
    ]
    tokens = Path(__file__).parent / "java" / "UseTokens.java"
    got = staging.java(spark35, tokens, "get", staging.secure, "root", tmp_path / "tokens")
    assert got.stdout.startswith("SWEBHDFS delegation for "), got.stdout + got.stderr
    listed = staging.java(spark35, tokens, "list", staging.secure, "/user/root", tmp_path / "tokens")
    assert listed.stdout == "root a\n", listed.stdout + listed.stderr


def test_curl_and_pythons_hdfs_use_it(staging, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(os.urandom(8_000_000))
    root = f"https://localhost:{staging.secure_port}/webhdfs/v1"
    curl = ["curl", "-sS", "--fail-with-body", "-L", "--cacert", staging.public / "certificate.pem", "--proto", "=https"]
    subprocess.run([*curl, "-T", source, f"{root}/tmp/f?op=CREATE&user.name=root"], check=True, timeout=60)
    subprocess.run([*curl, "-o", tmp_path / "target", f"{root}/tmp/f?op=OPEN&user.name=root"], check=True, timeout=60)
    assert (tmp_path / "target").read_bytes() == source.read_bytes()
    session = requests.Session()
    session.verify = str(staging.public / "certificate.pem")
    # Else a bundle that the environment names would win.
    session.trust_env = False
    client = hdfs.InsecureClient(f"https://localhost:{staging.secure_port}", user="root", session=session)
    client.write("/tmp/a.json", json.dumps({"a": 1}), encoding="utf-8")
    client.write("/tmp/a.json", "\n", encoding="utf-8", append=True)
    with client.read("/tmp/a.json", encoding="utf-8") as reader:
        assert json.load(reader) == {"a": 1}


def test_a_node_localizes_from_it_by_its_own_list_of_authorities(staging, tmp_path):
    address = f"https://localhost:{staging.secure_port}/webhdfs/v1/tmp/text"
    trusting = ssl.create_default_context(cafile=str(staging.public / "certificate.pem"))
    client = hdfs.InsecureClient(f"http://127.0.0.1:{staging.port}", user="root")
    client.write("/tmp/text", b"over https")
    with urllib.request.urlopen(f"{address}?op=OPEN&user.name=root", context=trusting, timeout=30) as answer:
        assert answer.read() == b"over https"
    folder = tmp_path / "daemons"
    folder.mkdir()
    daemons = Daemons(folder)
    resources = {"text": f"{staging.secure}/tmp/text"}
    try:
        daemons.start_both()
        # Nobody vouches for the certificate here.
        refused = daemons.submit("cat text 1><LOG_DIR>/stdout", resources=resources)
        diagnostics = daemons.wait_for_end(refused)["diagnostics"]
        assert "certificate" in diagnostics, diagnostics
        assert daemons.stop("nodemanager") == 0
        daemons.set(**{"heddle.transfer.ca-bundle": str(staging.public / "certificate.pem")})
        daemons.start("nodemanager")
        application = daemons.submit("cat text 1><LOG_DIR>/stdout", resources=resources)
        daemons.wait_for_end(application)
        assert (daemons.log_folder(application) / "stdout").read_text() == "over https"
    finally:
        daemons.close()


def test_wrong_files_are_named_with_their_keys_at_the_start(tmp_path):
    make_certificate(tmp_path)
    (tmp_path / "key.pem").write_text("no key")
    server = Staging(
        tmp_path / "staging",
        settings={
            "heddle.staging.https.address": "localhost:0",
            "heddle.staging.ssl.certificate": tmp_path / "certificate.pem",
            "heddle.staging.ssl.key": tmp_path / "key.pem",
        },
    )
    with pytest.raises(AssertionError) as failed:
        server.start()
    assert f"{tmp_path}/key.pem (heddle.staging.ssl.key) holds no private key in PEM form" in str(failed.value)
    assert server.process.wait(30) == 1
