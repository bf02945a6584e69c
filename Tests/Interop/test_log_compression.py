"""Aggregated logs that are compressed, from the container to every reader; and those that nobody here can read."""

import os
import struct
from pathlib import Path

import pytest

from cluster import wait_until
from daemons import Daemons
from test_log_reading import end, heddle, page, running


@pytest.fixture
def daemons(staging_server, tmp_path):
    (tmp_path / "daemons").mkdir()
    made = Daemons(tmp_path / "daemons")
    made.set(
        **{
            "yarn.log-aggregation-enable": "true",
            "yarn.nodemanager.remote-app-log-dir": f"{staging_server.uri}/logs",
            "yarn.nodemanager.log-aggregation.compression-type": "gz",
        }
    )
    made.start_both()
    yield made
    made.close()


def aggregated(daemons, script):
    """Application, container and node of a shell command whose logs are in the remote folder and nowhere else."""
    application, container, folder = running(daemons, script)
    end(daemons, application)
    wait_until(lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated")
    wait_until(lambda: not folder.parent.exists(), 60, "the local logs to go")
    daemons.stop("nodemanager")
    return application, container, f"127.0.0.1:{daemons.ports['container']}"


def remote(daemons, application) -> str:
    node = daemons.settings["yarn.nodemanager.address"].replace(":", "_")
    return f"/logs/root/bucket-logs-tfile/{application[-4:]}/{application}/{node}"


def plain_forms() -> set:
    return set(Path(os.environ.get("TMPDIR", "/tmp")).glob("heddle-logs-*"))


def test_a_compressed_log_is_read_by_the_command_and_the_pages(daemons, staging_server, tmp_path):
    before = plain_forms()
    application, container, node = aggregated(daemons, "seq 1 100000 1><LOG_DIR>/stdout; echo '<b>' 1><LOG_DIR>/stderr")
    whole = "".join(f"{number}\n" for number in range(1, 100_001))
    stored = staging_server.call("GET", f"{remote(daemons, application)}?op=GETFILESTATUS")[1]
    assert int(stored.split(b'"length":')[1].split(b",")[0]) < len(whole) // 2, "it is not compressed"
    shown = heddle(daemons, "-applicationId", application)
    assert shown.returncode == 0, shown.stderr
    assert "LogType:stdout\n" in shown.stdout and f"LogContents:\n{whole}\n" in shown.stdout
    assert "LogContents:\n<b>\n" in shown.stdout
    tail = heddle(daemons, "-containerId", container, "-log_files", "stdout", "-size", "-7")
    assert "LogLength:588895\nLogContents:\n100000\n" in tail.stdout, tail.stdout
    listed = heddle(daemons, "-applicationId", application, "-show_container_log_info")
    assert "stdout" in listed.stdout and "588895" in listed.stdout, listed.stdout
    base = f"/jobhistory/logs/{node}/{container}/{container}/root"
    status, _, text = page(daemons, "webapp", base)
    assert status == 200 and "99999\n100000\n" in text and "&lt;b&gt;" in text and "<b>" not in text
    assert "Showing 4096 of 588895 bytes" in text
    status, headers, body = page(daemons, "webapp", f"{base}/stdout?format=octet-stream")
    assert (status, headers["Content-Length"], body) == (200, "588895", whole)
    status, _, body = page(daemons, "webapp", f"{base}/stdout?start=6&end=20")
    assert status == 200 and f"<pre>{whole[6:20]}</pre>" in body, body
    # The plain form has no name, so none is left.
    assert plain_forms() <= before


def test_another_codec_is_named_with_those_that_can_be_read(daemons, staging_server):
    application, container, node = aggregated(daemons, "echo text 1><LOG_DIR>/stdout")
    path = remote(daemons, application)
    content = staging_server.read(path)
    # The table of blocks, which names their codec, is the last one before the list of tables; where that list begins stands
    # before version and magic. Its last two numbers are the table's length, stored and plain.
    start = struct.unpack(">q", content[-28:-20])[0]
    length = content[-29]
    blocks, tables = content[start - length : start], content[start:-30]
    assert blocks.count(b"\x02gz") == 1 and content[-30] == length, content[start:]
    changed = content[: start - length] + blocks.replace(b"\x02gz", b"\x03lzo") + tables + bytes([length + 1] * 2)
    staging_server.write(path, changed + struct.pack(">q", start + 1) + content[-20:])
    expected = "is compressed with lzo, which cannot be read here; yarn.nodemanager.log-aggregation.compression-type none and gz can"
    shown = heddle(daemons, "-applicationId", application)
    assert shown.returncode != 0 and expected in shown.stderr and path in shown.stderr, shown
    assert "text" not in shown.stdout
    for part in ("", "/stdout", "/stdout?format=octet-stream"):
        status, _, body = page(daemons, "webapp", f"/jobhistory/logs/{node}/{container}/{container}/root{part}")
        assert expected in body, (part, status, body)
    # Nor is it written.
    daemons.set(**{"yarn.nodemanager.log-aggregation.compression-type": "lzo"})
    with pytest.raises(AssertionError) as failed:
        daemons.start("nodemanager")
    daemons.running.pop("nodemanager").wait(60)
    assert "lzo" in str(failed.value) and "accepted: none, gz" in str(failed.value), failed.value
