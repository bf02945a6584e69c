"""Logs of ended applications: aggregated by the NodeManager, read by Hadoop's own classes and by `heddle logs`."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from cluster import heddle_program, java_home, wait_until
from daemons import Daemons
from staging import Staging

JAVA = Path(__file__).parent / "java"


@pytest.fixture(params=[("file", "gz"), ("webhdfs", "none")], ids=["file-gz", "webhdfs"])
def daemons(request, tmp_path):
    """Both daemons with log aggregation to a folder, compressed, or to a staging server."""
    place, compression = request.param
    made = Daemons(tmp_path)
    server = None
    if place == "webhdfs":
        server = Staging(tmp_path / "staging")
        server.start()
        target = f"{server.uri}/logs"
    else:
        target = f"file://{tmp_path}/remote"
    made.set(
        **{
            "yarn.log-aggregation-enable": "true",
            "yarn.nodemanager.remote-app-log-dir": target,
            "yarn.nodemanager.log-aggregation.compression-type": compression,
        }
    )
    for key, value in getattr(request.function, "properties", {}).items():
        made.set(**{key: value})
    made.start_both()
    yield made
    made.close()
    if server:
        server.stop()


def hadoop(daemons, spark, application, *names, what="logs", container="-", size="-"):
    words = [f"{java_home()}/bin/java", "-XX:TieredStopAtLevel=1", "-cp", f"{daemons.conf}:{spark.jars}/*"]
    words += [str(JAVA / "ReadLogs.java"), what, application, "root", container, str(size), *names]
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


def heddle(daemons, *words):
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
    environment |= {"HADOOP_CONF_DIR": str(daemons.conf), "HADOOP_USER_NAME": "root"}
    return subprocess.run(
        [str(heddle_program()), "logs", *words], env=environment, capture_output=True, text=True, timeout=60
    )


def contents(text):
    """Log name -> its text, of what either reader prints."""
    found = re.findall(r"^LogType:(\S+)\n.*?^LogContents:\n(.*?)\nEnd of LogType:\1", text, re.M | re.S)
    return dict(found)


def test_hadoop_reads_our_aggregated_logs_and_we_read_them_alike(daemons, spark35):
    # Longer than the pieces that Hadoop itself writes.
    lines = 400_000
    application = daemons.submit(
        f"seq {lines} 1><LOG_DIR>/numbers; echo to be seen 1><LOG_DIR>/stdout; echo oh 2><LOG_DIR>/stderr 1>&2"
    )
    daemons.wait_for_end(application)
    wait_until(
        lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated"
    )
    wait_until(lambda: not (daemons.folder / "logs" / application).exists(), 60, "the local logs to go")
    theirs = hadoop(daemons, spark35, application)
    assert theirs.returncode == 0, theirs.stdout[-2000:] + theirs.stderr[-2000:]
    ours = heddle(daemons, "-applicationId", application)
    assert ours.returncode == 0, ours.stderr
    read = contents(theirs.stdout)
    assert read["stdout"].strip() == "to be seen"
    assert read["stderr"].strip() == "oh"
    assert read["numbers"].split() == [str(number) for number in range(1, lines + 1)]
    assert {name: text.strip() for name, text in contents(ours.stdout).items()} == {
        name: text.strip() for name, text in read.items()
    }
    container = re.search(r"container_\d+_\d+_01_000001", ours.stdout).group()
    assert ours.stdout == theirs.stdout
    for what, option in (("table", "-show_container_log_info"), ("nodes", "-list_nodes")):
        theirs = hadoop(daemons, spark35, application, what=what)
        assert heddle(daemons, "-applicationId", application, option).stdout == theirs.stdout, what
    for size in (7, -7, -10**9):
        theirs = hadoop(daemons, spark35, application, "numbers", "stderr", container=container, size=size)
        ours_part = heddle(daemons, "-containerId", container, "-log_files", "numbers,stderr", "-size", str(size))
        assert ours_part.stdout == theirs.stdout, size
    theirs = hadoop(daemons, spark35, application, what="containers")
    listed = heddle(daemons, "-applicationId", application, "-show_application_log_info")
    assert listed.stdout == "Application State: Completed.\n" + theirs.stdout
    tail = heddle(daemons, "-applicationId", application, "-log_files", "numbers", "-size", "-7", "-am", "1")
    assert contents(tail.stdout)["numbers"].strip() == str(lines)
    out = daemons.folder / "out"
    texts = []
    for _ in range(2):
        assert heddle(daemons, "-applicationId", application, "-out", str(out)).returncode == 0
        (file,) = out.glob("*/container_*")
        texts.append(file.read_text())
    assert contents(texts[0]) == contents(ours.stdout)
    assert texts[0] == texts[1], "a second run must not append to the first"
    # A device in the file's place that is always full.
    file.unlink()
    os.mknod(file, stat.S_IFCHR | 0o600, os.makedev(1, 7))
    full = heddle(daemons, "-applicationId", application, "-out", str(out))
    assert full.returncode != 0 and str(file) in full.stderr and "No space left" in full.stderr, full.stderr
    missing = heddle(daemons, "-applicationId", "application_1_0001", "-appOwner", "root")
    assert missing.returncode != 0 and "application_1_0001" in missing.stdout + missing.stderr


def stripped(reader):
    return {name: text.strip() for name, text in contents(reader.stdout).items()}


def with_properties(**properties):
    """Configures the daemons of one test."""

    def mark(function):
        function.properties = properties
        return function

    return mark


@with_properties(
    **{
        "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds": "1",
        "yarn.nodemanager.log-aggregation.roll-monitoring-interval-seconds.min": "1",
    }
)
def test_rolled_logs_of_a_running_application_are_read_by_hadoop(daemons, spark35):
    go = daemons.folder / "go"
    application = daemons.submit(
        f"echo complete 1><LOG_DIR>/app.log.1; echo open 1><LOG_DIR>/app.log; echo no 1><LOG_DIR>/left.out; "
        f"while [ ! -e {go} ]; do sleep 0.1; done",
        logs={
            "rolled-log-include-pattern": r"\.[0-9]+$",
            "log-exclude-pattern": "^left",
        },
    )
    logs = daemons.folder / "logs" / application
    wait_until(lambda: list(logs.glob("*/app.log")) and not list(logs.glob("*/app.log.1")), 60, "the rolled file to go")
    assert stripped(hadoop(daemons, spark35, application)) == {"app.log.1": "complete"}
    assert daemons.report(application)["state"] in ("ACCEPTED", "RUNNING")
    go.touch()
    daemons.wait_for_end(application)
    wait_until(
        lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated"
    )
    theirs = stripped(hadoop(daemons, spark35, application))
    assert theirs["app.log.1"] == "complete" and theirs["app.log"] == "open" and "left.out" not in theirs
    assert stripped(heddle(daemons, "-applicationId", application)) == theirs


@with_properties(
    **{"yarn.log-aggregation.retain-seconds": "3", "yarn.log-aggregation.retain-check-interval-seconds": "1"}
)
def test_old_aggregated_logs_go(daemons):
    application = daemons.submit("echo x 1><LOG_DIR>/stdout")
    daemons.wait_for_end(application)
    wait_until(
        lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated"
    )
    assert heddle(daemons, "-applicationId", application).returncode == 0
    wait_until(lambda: heddle(daemons, "-applicationId", application).returncode != 0, 60, "the logs to be deleted")
