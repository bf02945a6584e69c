"""`heddle conf` and `heddle doctor`, on folders as people have them and clusters as they break."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cluster import heddle_program, java_home, wait_until


def site(**values) -> str:
    """A configuration file; `__` in a name stands for a dot, `_` for a dash."""
    properties = "\n".join(
        f"<property><name>{key.replace('__', '.').replace('_', '-')}</name><value>{value}</value></property>"
        for key, value in values.items()
    )
    return f"<configuration>\n{properties}\n</configuration>\n"


def run(*words, **variables):
    """A command of heddle that sees no other configuration than what `variables` name."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "JAVA_HOME": java_home()} | variables
    environment = {k: str(v) for k, v in environment.items() if v is not None}
    return subprocess.run(
        [str(heddle_program()), *map(str, words)], env=environment, capture_output=True, text=True, timeout=60
    )


# `heddle conf`

TRICKY = {
    "core-site.xml": """<?xml version="1.0"?>
<configuration xmlns:xi="http://www.w3.org/2001/XInclude">
  <xi:include href="shared.xml"/>
  <xi:include href="missing.xml"><xi:fallback>
    <property><name>test.fallback</name><value>taken</value></property>
  </xi:fallback></xi:include>
  <property><name>fs.default.name</name><value>file:///</value></property>
  <property><name>test.final</name><value>first</value><final>true</final></property>
  <property><name>test.later</name><value>core</value></property>
  <property><name> test.blanks </name><value>
      between   lines
  </value></property>
  <property><name>test.home</name><value>${env.TEST_HOME}/a</value></property>
  <property><name>test.else</name><value>${env.TEST_UNSET:-else}-${env.TEST_EMPTY-dash}-${env.TEST_EMPTY:-colon}</value></property>
  <property><name>test.chain</name><value>${test.later}/${test.shared}/${user.name}</value></property>
  <property><name>test.unknown</name><value>${test.nobody.sets.this}</value></property>
  <property><name>test.default</name><value>${yarn.resourcemanager.scheduler.address}</value></property>
  <property><name>test.unicode</name><value>Straße &amp; 日本 &#x41;</value></property>
  <property><name>test.empty</name><value></value></property>
  <property name="test.attribute" value="compact"/>
</configuration>
""",
    "shared.xml": """<configuration>
  <property><name>test.shared</name><value>included</value></property>
</configuration>
""",
    "yarn-site.xml": """<configuration>
  <property><name>yarn.resourcemanager.hostname</name><value>rm.example</value></property>
  <property><name>test.final</name><value>second</value></property>
  <property><name>test.later</name><value>yarn</value></property>
  <property><name>yarn.resourcemanager.system-metrics-publisher.enabled</name><value>true</value></property>
</configuration>
""",
}

ASKED = [
    "fs.defaultFS", "test.fallback", "test.final", "test.later", "test.blanks", "test.home", "test.else", "test.chain",
    "test.unknown", "test.default", "test.unicode", "test.shared", "test.attribute", "yarn.resourcemanager.address",
    "yarn.resourcemanager.webapp.address", "yarn.system-metrics-publisher.enabled",
    # Defaults of Hadoop that nobody sets here.
    "yarn.scheduler.minimum-allocation-mb", "yarn.nodemanager.resource.memory-mb", "yarn.nodemanager.vmem-pmem-ratio",
    "yarn.resourcemanager.am.max-attempts", "yarn.nodemanager.log.retain-seconds", "yarn.nm.liveness-monitor.expiry-interval-ms",
    "yarn.nodemanager.localizer.cache.target-size-mb", "ipc.maximum.data.length", "yarn.nodemanager.local-dirs",
]  # fmt: skip

# What Hadoop's own class reads from HADOOP_CONF_DIR, as JSON.
READER = """
import json, sys
from pyspark.java_gateway import launch_gateway
gateway = launch_gateway()
configuration = gateway.jvm.org.apache.hadoop.yarn.conf.YarnConfiguration()
print("READ " + json.dumps({key: configuration.get(key) for key in sys.argv[1:]}))
"""


@pytest.fixture
def tricky(tmp_path) -> Path:
    for name, text in TRICKY.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("version", ["3.5", "4.0"])
def test_values_are_those_that_hadoop_reads(tricky, sparks, version):
    spark = sparks[version]
    variables = {"HADOOP_CONF_DIR": str(tricky), "TEST_HOME": "/srv", "TEST_EMPTY": "", "SPARK_LOCAL_IP": "127.0.0.1"}
    (tricky / "read.py").write_text(READER)
    reader = subprocess.run(
        [str(spark.python), str(tricky / "read.py"), *ASKED],
        env=variables | {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "JAVA_HOME": java_home(), "SPARK_HOME": str(spark.home)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert reader.returncode == 0, reader.stderr[-3000:]
    theirs = json.loads(next(line for line in reader.stdout.splitlines() if line.startswith("READ "))[5:])
    ours = {}
    for key in ASKED:
        answer = run("conf", "-get", key, **variables)
        assert answer.returncode == 0, f"{key}: {answer.stderr}"
        ours[key] = answer.stdout[:-1]
    assert ours == theirs


def test_get_prints_the_value_and_beside_it_where_it_comes_from(tricky):
    answer = run("conf", "-get", "test.later", HADOOP_CONF_DIR=tricky)
    assert (answer.stdout, answer.stderr, answer.returncode) == ("yarn\n", f"# {tricky}/yarn-site.xml:4\n", 0)
    # An included file is the origin, not its includer; a final value stays that of its file.
    assert run("conf", "-get", "test.shared", HADOOP_CONF_DIR=tricky).stderr == f"# {tricky}/shared.xml:2\n"
    assert run("conf", "-get", "test.final", HADOOP_CONF_DIR=tricky).stdout == "first\n"
    assert run("conf", "-get", "yarn.nodemanager.vmem-pmem-ratio").stderr == "# default (yarn-default.xml)\n"
    slip = run("conf", "-get", "yarn.resourcemanager.adress", YARN_CONF_DIR=tricky)
    assert (slip.stdout, slip.returncode) == ("", 1)
    assert "did you mean yarn.resourcemanager.address?" in slip.stderr


def test_list_prints_every_value_with_its_origin(cluster):
    listed = run("conf", "-list", "--conf-dir", cluster.conf)
    assert listed.returncode == 0
    lines = listed.stdout.splitlines()
    assert lines[0].startswith(f"# {cluster.conf} (--conf-dir), ")
    values = [line.split(" = ", 1) for line in lines[1:]]
    keys = [key for key, _ in values]
    assert keys == sorted(keys) and len(keys) == len(set(keys)) and len(keys) > 100
    assert all(re.search(r"  # (default \(\S+\)|/\S+:\d+)(, final)?$", value) for _, value in values)
    assert any(f"# {cluster.conf}/yarn-site.xml:" in value for _, value in values)
    assert run("conf", "--conf-dir", cluster.conf).stdout == listed.stdout, "listing is what conf does without flags"


def test_check_finds_mistakes_before_a_daemon_does(tmp_path, cluster):
    for folder in (cluster.conf, cluster.data / "nodes" / "1" / "conf"):
        checked = run("conf", "-check", "--conf-dir", folder)
        assert checked.returncode == 0 and "0 errors" in checked.stdout, checked.stdout
    (tmp_path / "yarn-site.xml").write_text(
        site(yarn__resourcemanager__hostname="127.0.0.1", yarn__nodemanager__resource__memory_mb="lots")
    )
    checked = run("conf", "-check", HADOOP_CONF_DIR=tmp_path)
    assert checked.returncode == 1
    assert f"{tmp_path}/yarn-site.xml:3: error: yarn.nodemanager.resource.memory-mb" in checked.stdout
    assert "lots" in checked.stdout and "1 error" in checked.stdout
    refused = run("nodemanager", HADOOP_CONF_DIR=tmp_path)
    assert refused.returncode == 1 and "yarn-site.xml:3" in refused.stderr and "lots" in refused.stderr
    both = run("conf", "-check", "-list", HADOOP_CONF_DIR=tmp_path)
    assert both.returncode != 0 and "exclude each other" in both.stderr


# `heddle doctor`


def doctor(folder=None, **variables):
    if folder is not None:
        variables["HADOOP_CONF_DIR"] = folder
    return run("doctor", **variables)


def findings(said, verdict: str) -> list:
    """The findings of one verdict, each with its remedy."""
    texts = re.split(r"^(?=\S)", said.stdout, flags=re.MULTILINE)
    return [text for text in texts if text.startswith(verdict)]


def test_a_cluster_that_is_well(cluster):
    said = doctor(cluster.conf)
    assert said.returncode == 0, said.stdout
    assert said.stdout.endswith("All is well.\n")
    assert "all five ports answer" in said.stdout
    assert "NodeManagers running: 2, with 6144 MiB and 8 vcores together" in said.stdout
    assert f"JAVA_HOME is {java_home()}" in said.stdout


def test_files_that_are_not_set_or_not_read(tmp_path):
    said = doctor()
    assert said.returncode == 1
    assert "export HADOOP_CONF_DIR=" in findings(said, "problem")[0]
    assert "0.0.0.0:8032" in findings(said, "problem")[0]
    said = doctor(tmp_path / "missing")
    assert said.returncode == 1 and str(tmp_path / "missing") in findings(said, "problem")[0]
    said = doctor(tmp_path)
    assert "holds no core-site.xml, no yarn-site.xml" in findings(said, "problem")[0]
    (tmp_path / "yarn-site.xml").write_text("<configuration>\n<property><name>a</name>\n</configuration>\n")
    said = doctor(tmp_path)
    assert said.returncode == 1
    assert f"{tmp_path}/yarn-site.xml:3" in findings(said, "problem")[0]
    (tmp_path / "yarn-site.xml").unlink()
    (tmp_path / "core-site.xml").write_text(site(fs__defaultFS="file:///"))
    assert any("holds no yarn-site.xml" in text for text in findings(doctor(tmp_path), "warning"))
    said = doctor(tmp_path, YARN_CONF_DIR="/elsewhere")
    assert any("unset YARN_CONF_DIR" in text for text in findings(said, "warning"))


def test_an_address_that_nobody_can_connect_to(tmp_path):
    (tmp_path / "yarn-site.xml").write_text(site(yarn__resourcemanager__hostname="0.0.0.0"))
    said = doctor(tmp_path)
    [warning] = [text for text in findings(said, "warning") if "yarn-site.xml:2" in text]
    assert "yarn.resourcemanager.hostname" in warning and '"0.0.0.0"' in warning
    assert "yarn.resourcemanager.bind-host" in warning


def test_ports_that_do_not_answer(tmp_path, cluster):
    shutil.copytree(cluster.conf, tmp_path / "conf")
    file = tmp_path / "conf" / "yarn-site.xml"
    text = file.read_text()
    text, count = re.subn(
        r"(<name>yarn.resourcemanager.scheduler.address</name>\s*<value>)[^<]+", r"\g<1>127.0.0.1:1", text
    )
    assert count == 1
    file.write_text(text)
    said = doctor(tmp_path / "conf")
    assert said.returncode == 1
    [problem] = findings(said, "problem")
    assert "port for ApplicationMasters, 127.0.0.1:1, does not answer: connection refused" in problem
    assert f"yarn.resourcemanager.scheduler.address, {file}:" in problem
    assert "NodeManagers running: 2" in said.stdout, "the rest is looked at all the same"


def test_daemons_that_are_gone(make_cluster):
    cluster = make_cluster(nodes=2, memory="1g")
    cluster.kill("nodemanager-2")
    said = doctor(cluster.conf)
    assert said.returncode == 1
    [problem] = findings(said, "problem")
    assert "NodeManager 127.0.0.3:" in problem and "cannot be reached from here: connection refused" in problem
    wait_until(lambda: findings(doctor(cluster.conf), "warning"), 60, "the node to be lost")
    said = doctor(cluster.conf)
    assert said.returncode == 0 and "is LOST" in findings(said, "warning")[0]
    cluster.kill("nodemanager-1")
    wait_until(lambda: "no NodeManager takes containers" in doctor(cluster.conf).stdout, 60, "the other node to be lost")
    cluster.kill("resourcemanager")
    said = doctor(cluster.conf)
    assert said.returncode == 1
    [problem] = findings(said, "problem")
    assert "no ResourceManager answers at 127.0.0.1:" in problem and f"{cluster.conf}/yarn-site.xml:" in problem
    assert "heddle up" in problem


def test_an_unhealthy_node_is_named_with_its_reason(installation):
    script = installation.folder / "health.sh"
    script.write_text("#!/bin/sh\necho 'ERROR the fan of rack 2 stands still'\n")
    script.chmod(0o755)
    file = installation.etc / "yarn-site.xml"
    keys = site(
        yarn__nodemanager__health_checker__scripts="fan",
        yarn__nodemanager__health_checker__fan__path=script,
        yarn__nodemanager__health_checker__interval_ms=200,
    )
    properties = keys.removeprefix("<configuration>").removesuffix("</configuration>\n")
    file.write_text(file.read_text().replace("</configuration>", f"{properties}</configuration>"))
    started = installation.run("start-yarn.sh")
    assert started.returncode == 0, started.stderr
    said = wait_until(lambda: "UNHEALTHY" in (s := doctor(installation.etc)).stdout and s, 20, "the script's result")
    assert said.returncode == 1
    none, problem = findings(said, "problem")
    assert "no NodeManager takes containers" in none
    assert "NodeManager 127.0.0.2:" in problem and "the fan of rack 2 stands still" in problem
    assert "yarn.nodemanager.health-checker.scripts" in problem
    # It is well again without a restart.
    script.write_text("#!/bin/sh\necho fine\n")
    wait_until(lambda: doctor(installation.etc).returncode == 0, 20, "the node to be well again")


def test_java_home(cluster):
    said = doctor(cluster.conf, JAVA_HOME=None)
    assert said.returncode == 0, "the cluster itself needs no Java"
    [warning] = findings(said, "warning")
    assert "JAVA_HOME is not set" in warning and "127" in warning
    assert f"export JAVA_HOME={Path(shutil.which('java')).resolve().parents[1]}" in warning
    said = doctor(cluster.conf, JAVA_HOME="/nonexistent")
    assert said.returncode == 1 and "there is no /nonexistent/bin/java" in findings(said, "problem")[0]


# Refusals at start: what would let strangers in


def refused(daemon: str, folder: Path) -> str:
    answer = run(daemon, HADOOP_CONF_DIR=folder)
    assert answer.returncode == 1, answer.stderr
    return answer.stderr


@pytest.mark.parametrize("daemon", ["resourcemanager", "nodemanager"])
def test_daemons_do_not_listen_to_the_network_unless_told(tmp_path, daemon):
    (tmp_path / "yarn-site.xml").write_text(
        site(**{f"yarn__{daemon}__hostname": "127.0.0.1", f"yarn__{daemon}__bind_host": "0.0.0.0"})
    )
    text = refused(daemon, tmp_path)
    assert "heddle.security.allow-insecure-network" in text
    assert f"yarn.{daemon}.bind-host" in text and "yarn-site.xml:3" in text
    assert "hadoop.security.authentication" in text


def test_kerberos_is_refused_rather_than_ignored(tmp_path):
    """A cluster that is told to be secure and is not would be worse than none."""
    (tmp_path / "core-site.xml").write_text(site(hadoop__security__authentication="kerberos"))
    for daemon in ("resourcemanager", "nodemanager"):
        text = refused(daemon, tmp_path)
        assert "hadoop.security.authentication" in text and "kerberos" in text


def test_an_open_network_is_allowed_aloud(installation):
    """Told to, a daemon listens elsewhere and says at start what that means."""
    file = installation.etc / "yarn-site.xml"
    properties = site(yarn__resourcemanager__bind_host="0.0.0.0", heddle__security__allow_insecure_network="true")
    properties = properties.removeprefix("<configuration>").removesuffix("</configuration>\n")
    file.write_text(file.read_text().replace("</configuration>", f"{properties}</configuration>"))
    started = installation.yarn("--daemon", "start", "resourcemanager")
    assert started.returncode == 0, started.stderr
    [log] = installation.logs.glob("*resourcemanager*.out")
    warning = next(line for line in log.read_text().splitlines() if "warning" in line)
    assert "heddle.security.allow-insecure-network" in warning and "run any command" in warning, warning
