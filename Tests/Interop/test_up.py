"""`heddle up` and `heddle down`."""

import os
import re
import signal
import subprocess

import pytest

from cluster import Cluster, heddle_program, processes, wait_until
from installation import daemons


def test_a_cluster_leaves_nothing_and_comes_back_on_the_same_ports(tmp_path):
    cluster = Cluster(tmp_path, nodes=3, memory="1g")
    said = cluster.up()
    assert f"export HADOOP_CONF_DIR={cluster.conf}" in said
    assert re.search(r"ready in \d+ ms", said), said
    assert (cluster.data.stat().st_mode & 0o777) == 0o700
    site = (cluster.conf / "yarn-site.xml").read_text()
    lines = cluster.heddle("node", "-list").stdout.splitlines()
    assert sorted(line.split(":")[0].strip() for line in lines[2:]) == ["127.0.0.2", "127.0.0.3", "127.0.0.4"]
    assert len(daemons(tmp_path)) == 4
    cluster.down()
    assert daemons(tmp_path) == set()
    assert list(tmp_path.glob("cluster*")) == []
    cluster.up()
    assert (cluster.conf / "yarn-site.xml").read_text() == site
    cluster.down()


def test_control_c_ends_everything(tmp_path):
    cluster = Cluster(tmp_path)
    command = [str(heddle_program()), "up", "--directory", str(cluster.data), "--conf-dir", str(tmp_path / "conf")]
    up = subprocess.Popen(command, env=cluster.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert up.stdout.readline() == f"export HADOOP_CONF_DIR={tmp_path}/conf\n"
        assert len(daemons(tmp_path)) == 3
        up.send_signal(signal.SIGINT)
        up.wait(30)
    finally:
        up.kill()
    assert up.returncode == 0, up.stderr.read()
    assert daemons(tmp_path) == set()
    assert not cluster.data.exists()
    assert (tmp_path / "conf" / "yarn-site.xml").exists(), "a folder that the user named is the user's"


def test_an_ended_daemon_is_started_again(make_cluster):
    cluster = make_cluster(nodes=1, memory="1g")
    assert "running already" in cluster.up()
    cluster.kill("resourcemanager")
    assert "Started again: resourcemanager" in cluster.up()
    wait_until(lambda: "127.0.0.2" in cluster.heddle("node", "-list").stdout, 20, "the node")


def test_two_clusters_do_not_meet(make_cluster):
    first, second = make_cluster(nodes=1, memory="1g"), make_cluster(nodes=1, memory="2g")
    for cluster, memory in ((first, 1024), (second, 2048)):
        metrics = cluster.rest("/metrics")["clusterMetrics"]
        assert (metrics["activeNodes"], metrics["totalMB"]) == (1, memory)


def test_a_folder_with_other_things_is_refused(tmp_path):
    cluster = Cluster(tmp_path)
    cluster.data.mkdir()
    (cluster.data / "precious").write_text("x")
    run = cluster.heddle("up", "--detach", "--directory", cluster.data)
    assert run.returncode == 1 and "not empty" in run.stderr
    assert "No cluster in" in cluster.heddle("down", "--directory", cluster.data).stderr
    assert (cluster.data / "precious").exists()


def test_jobs_need_no_java_home_in_the_daemons_environment(tmp_path):
    """JAVA_HOME comes from the `java` on PATH."""
    cluster = Cluster(tmp_path, nodes=1, memory="1g")
    environment = cluster.environment()
    del environment["JAVA_HOME"]
    run = subprocess.run(
        [str(heddle_program()), "up", "--detach", "--directory", str(cluster.data)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    try:
        _, words = processes()[cluster.process("nodemanager-1")]
        assert any(word.startswith("JAVA_HOME=/") for word in words)
    finally:
        cluster.down()
    assert not os.path.exists(cluster.data)


def test_the_machines_name_does_not_matter(tmp_path):
    """A name that nothing resolves, as in many containers and on laptops that change networks."""
    renamed = ["unshare", "--uts", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*renamed, "hostname", "nowhere.invalid"], capture_output=True).returncode != 0:
        pytest.skip("this machine does not let its tests have a name of their own")
    cluster = Cluster(tmp_path, nodes=2, memory="1g")
    program, folder = heddle_program(), cluster.data
    run = subprocess.run(
        [*renamed, "sh", "-ec", f"hostname nowhere.invalid; {program} up --detach --nodes 2 --memory 1g --directory {folder}"],
        env=cluster.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    try:
        assert run.returncode == 0, run.stderr
        assert cluster.heddle("node", "-list").stdout.count("RUNNING") == 2
        assert all("nowhere" not in file.read_text() for file in cluster.conf.iterdir())
        assert cluster.heddle("doctor").returncode == 0
    finally:
        cluster.down()


def test_a_container_that_fills_the_disk_with_logs_is_ended(make_cluster):
    """A gigabyte on one disk is Hadoop's limit, which Hadoop leaves switched off."""
    cluster = make_cluster(nodes=1, memory="1g")
    application = cluster.rest("/apps/new-application", method="POST")["application-id"]
    command = "head -c 1100000000 /dev/zero 1><LOG_DIR>/large; exec sleep 1000"
    body = {
        "application-id": application,
        "application-name": "flood",
        "max-app-attempts": 1,
        "am-container-spec": {"commands": {"command": command}},
        "resource": {"memory": 64, "vCores": 1},
    }
    cluster.rest("/apps", body)
    report = wait_until(lambda: (r := cluster.report(application))["state"] == "FAILED" and r, 60, "its end")
    for words in ("exitCode: -109", "Limit: 1000000000 Log Directory Size: 1", "Its largest file is large with"):
        assert words in report["diagnostics"], (words, report)
