"""Logs that are aggregated to S3 and to a staging server's https, and read from there."""

import json
import subprocess
import urllib.request

import pytest

from buckets import settings
from cluster import heddle_program, wait_until
from daemons import Daemons
from staging import SecureStaging
from test_log_reading import heddle
from test_logs import contents

PART = 5 << 20
LINES = 900_000
# More than a part of an upload.
COMMAND = f"seq {LINES} 1><LOG_DIR>/numbers; echo to be seen 1><LOG_DIR>/stdout"


@pytest.fixture
def bucket(store):
    """It keeps what was overwritten and removed, so that one sees how an object came."""
    s3 = store[1]
    s3.create_bucket(Bucket="logs")
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    return s3


@pytest.fixture
def make_daemons(tmp_path):
    made = []

    def make(target, values) -> Daemons:
        (tmp_path / "daemons").mkdir()
        daemons = Daemons(tmp_path / "daemons")
        made.append(daemons)
        logs = {"yarn.log-aggregation-enable": "true", "yarn.nodemanager.remote-app-log-dir": target}
        daemons.set(**logs, **values)
        daemons.start_both()
        return daemons

    yield make
    for daemons in made:
        daemons.close()


def aggregated(daemons) -> str:
    application = daemons.submit(COMMAND)
    daemons.wait_for_end(application)
    wait_until(lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated")
    wait_until(lambda: not (daemons.folder / "logs" / application).exists(), 60, "the local logs to go")
    return application


def check_reading(daemons, application):
    shown = heddle(daemons, "-applicationId", application)
    assert shown.returncode == 0, shown.stderr
    found = contents(shown.stdout)
    assert found["stdout"].strip() == "to be seen"
    assert found["numbers"].split() == [str(number) for number in range(1, LINES + 1)]
    tail = heddle(daemons, "-applicationId", application, "-log_files", "numbers", "-size", "-7")
    assert f"\n{LINES}\n" in tail.stdout, tail.stdout + tail.stderr
    address = f"http://127.0.0.1:{daemons.ports['webapp']}/"
    with urllib.request.urlopen(f"{address}ws/v1/cluster/apps/{application}", timeout=30) as answer:
        link = json.loads(answer.read())["app"]["amContainerLogs"]
    with urllib.request.urlopen(f"{link}/stdout", timeout=30) as answer:
        assert "to be seen" in answer.read().decode(), link


def test_on_s3_they_come_in_one_step_and_go_in_their_time(store, bucket, make_daemons):
    parts = {"fs.s3a.multipart.size": PART, "fs.s3a.multipart.threshold": PART}
    daemons = make_daemons("s3a://logs/", settings(store[0], store[2]) | parts)
    application = aggregated(daemons)
    node = daemons.settings["yarn.nodemanager.address"].replace(":", "_")
    kept = bucket.list_object_versions(Bucket="logs")
    # Folders are marks; the file came under its name, and nothing was copied or taken away.
    files = [version["Key"] for version in kept["Versions"] if not version["Key"].endswith("/")]
    assert files == [f"root/bucket-logs-tfile/{application[-4:]}/{application}/{node}"]
    assert "DeleteMarkers" not in kept
    assert "Uploads" not in bucket.list_multipart_uploads(Bucket="logs")
    check_reading(daemons, application)
    daemons.stop("resourcemanager")
    seconds = {"yarn.log-aggregation.retain-seconds": "1", "yarn.log-aggregation.retain-check-interval-seconds": "1"}
    daemons.set(**seconds)
    daemons.start("resourcemanager")

    def left():
        found = bucket.list_objects_v2(Bucket="logs").get("Contents", [])
        return [entry["Key"] for entry in found if application in entry["Key"]]

    wait_until(lambda: not left(), 60, "the logs to go")


def test_over_https_they_come_and_are_read(make_daemons, tmp_path):
    server = SecureStaging(tmp_path / "staging")
    server.start()
    try:
        authority = {"heddle.transfer.ca-bundle": server.public / "certificate.pem"}
        daemons = make_daemons(f"{server.secure}/logs", authority)
        check_reading(daemons, aggregated(daemons))
    finally:
        server.stop()


def test_a_certificate_that_is_not_believed_is_named_in_the_nodes_log(make_daemons, tmp_path):
    server = SecureStaging(tmp_path / "staging")
    server.start()
    try:
        daemons = make_daemons(f"{server.secure}/logs", {})
        application = daemons.submit("echo kept 1><LOG_DIR>/stdout")
        daemons.wait_for_end(application)
        wait_until(lambda: "heddle.transfer.ca-bundle" in daemons.log("nodemanager"), 60, "the reason")
        kept = daemons.log_folder(application) / "stdout"
        assert kept.read_text() == "kept\n"
    finally:
        server.stop()


@pytest.mark.parametrize("folder,remedy", [("abfs://jobs/logs", "accepted: a folder of"), ("hdfs://nn:8020/logs", "hdfs-gateway.nn:8020")])
def test_a_place_that_logs_cannot_be_sent_to_is_said_before_any_is_lost(tmp_path, folder, remedy):
    daemons = Daemons(tmp_path)
    daemons.set(**{"yarn.log-aggregation-enable": "true", "yarn.nodemanager.remote-app-log-dir": folder})

    def run(*words) -> str:
        done = subprocess.run(
            [heddle_program(), *words, "--config", daemons.conf], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stdout + done.stderr

    for words in (["conf", "-check"], ["nodemanager"], ["resourcemanager"]):
        said = run(*words)
        assert f'yarn.nodemanager.remote-app-log-dir = "{folder}"' in said and remedy in said, said
