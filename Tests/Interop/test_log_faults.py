"""A NodeManager that is killed while it uploads the logs of an application."""

import json
import random
import time

import pytest

from cluster import wait_until
from daemons import Daemons
from test_log_reading import end, heddle, running

LENGTH = 12_000_000


@pytest.fixture
def daemons(staging_server, tmp_path):
    (tmp_path / "daemons").mkdir()
    made = Daemons(tmp_path / "daemons")
    made.set(
        **{
            "yarn.log-aggregation-enable": "true",
            "yarn.nodemanager.remote-app-log-dir": f"{staging_server.uri}/logs",
            "yarn.nodemanager.recovery.enabled": "true",
            "yarn.nodemanager.recovery.supervised": "true",
            # Some ten seconds for the upload.
            "heddle.transfer.bandwidth-per-stream": "1m",
        }
    )
    made.start_both()
    yield made
    made.close()


def remote(staging_server, application) -> dict:
    """Name -> length of what is in the application's remote folder."""
    folder = f"/logs/root/bucket-logs-tfile/{application[-4:]}/{application}"
    status, body = staging_server.call("GET", f"{folder}?op=LISTSTATUS")
    found = json.loads(body)["FileStatuses"]["FileStatus"] if status == 200 else []
    return {file["pathSuffix"]: file["length"] for file in found}


def size(path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def below(folder) -> list:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_after_kills_in_the_middle_of_an_upload_the_whole_log_is_there_and_nothing_else(daemons, staging_server):
    chance = random.Random(11)
    node = daemons.settings["yarn.nodemanager.address"].replace(":", "_")
    script = f"head -c {LENGTH} /dev/zero | tr '\\\\0' x 1><LOG_DIR>/stdout; echo small 1><LOG_DIR>/stderr"
    store = staging_server.folder / "tmp" / "heddle" / "staging"
    streams = store / "streams"
    application, container, folder = running(daemons, script)
    wait_until(lambda: size(folder / "stdout") == LENGTH, 60, "the log")
    end(daemons, application)
    for _ in range(3):
        reached = chance.randrange(1, LENGTH // 3)
        # What an earlier attempt left stays readable until the stream that takes its place is whole.
        wait_until(lambda: any(size(stream) >= reached for stream in streams.iterdir()), 60, f"{reached} bytes of the upload")
        daemons.kill("nodemanager")
        # Readers see no part of it, and where it still is.
        assert list(remote(staging_server, application)) == [f"{node}.tmp"]
        assert daemons.report(application)["logAggregationStatus"] != "SUCCEEDED"
        assert size(folder / "stdout") == LENGTH
        # What the server has of a stream that broke is a prefix, of which the next upload must take nothing over.
        daemons.start("nodemanager")
    daemons.kill("nodemanager")
    daemons.set(**{"heddle.transfer.bandwidth-per-stream": "0"})
    daemons.start("nodemanager")
    wait_until(lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated")
    wait_until(lambda: not folder.parent.exists(), 60, "the local logs to go")
    assert list(remote(staging_server, application)) == [node]
    shown = heddle(daemons, "-applicationId", application)
    assert f"LogLength:{LENGTH}\nLogContents:\n{'x' * LENGTH}\n" in shown.stdout
    assert "LogContents:\nsmall\n" in shown.stdout
    # Neither the node nor the server keeps anything of the attempts.
    assert below(daemons.folder / "local" / "nmPrivate") == []
    assert [name for name in below(daemons.folder / "recovery") if not name.endswith("node.json")] == []
    assert below(streams) == [] and below(store / "removed") == []
    [kept] = below(store / "blobs")
    assert size(store / "blobs" / kept) == remote(staging_server, application)[node]


def test_a_kill_while_the_file_is_still_written_to_the_disk(daemons, staging_server):
    """The copy that was begun belongs to nobody, and the one that takes its place is whole."""
    node = daemons.settings["yarn.nodemanager.address"].replace(":", "_")
    length = 400_000_000
    application, container, folder = running(daemons, f"head -c {length} /dev/zero 1><LOG_DIR>/stdout")
    wait_until(lambda: size(folder / "stdout") == length, 60, "the log")
    spool = daemons.folder / "local" / "nmPrivate" / f"{application}.logs"
    end(daemons, application)
    deadline = time.monotonic() + 60
    while not spool.exists() and time.monotonic() < deadline:
        pass
    daemons.kill("nodemanager")
    assert 0 <= size(spool) < length and spool.exists()
    daemons.set(**{"heddle.transfer.bandwidth-per-stream": "0"})
    daemons.start("nodemanager")
    wait_until(lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 120, "the logs to be aggregated")
    wait_until(lambda: not folder.parent.exists(), 60, "the local logs to go")
    assert list(remote(staging_server, application)) == [node] and not spool.exists()
    tail = heddle(daemons, "-containerId", container, "-log_files", "stdout", "-size", "-3")
    assert f"LogLength:{length}\nLogContents:\n\0\0\0\n" in tail.stdout
