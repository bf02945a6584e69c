"""Apache Flink, as it comes from PyPI, on a cluster without Hadoop: its client, JobManager and TaskManagers speak YARN's protocols."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from cluster import ROOT, java_home

JAVA = Path(__file__).parent / "java"
# What Flink opens of Java's modules: its own `bin/flink` gives the client these.
OPENED = ("lang", "lang.reflect", "io", "net", "nio", "text", "time", "util", "util.concurrent", "util.concurrent.atomic",
          "util.concurrent.locks")  # fmt: skip


@pytest.fixture(scope="module")
def flink() -> Path:
    """Flink's folder."""
    venv = Path(os.environ.get("HEDDLE_FLINK", ROOT / ".venv-flink"))
    found = list(venv.glob("lib/*/site-packages/pyflink"))
    assert len(found) == 1, f"no Flink in {venv}: run scripts/test.sh, or set HEDDLE_FLINK"
    return found[0]


@pytest.fixture(scope="module")
def sums(flink, tmp_path_factory) -> Path:
    """A jar with the job."""
    folder = tmp_path_factory.mktemp("flink-job")
    compile_it = [f"{java_home()}/bin/javac", "--release", "17", "-cp", f"{flink}/lib/*", "-d", folder / "classes"]
    subprocess.run([*compile_it, JAVA / "FlinkSums.java"], check=True, capture_output=True)
    subprocess.run([f"{java_home()}/bin/jar", "cf", folder / "sums.jar", "-C", folder / "classes", "."], check=True)
    return folder / "sums.jar"


def hadoop_client(spark) -> list:
    """The jars of Hadoop's client, which Flink does not bring."""
    names = ("hadoop-client-api-*.jar", "hadoop-client-runtime-*.jar", "commons-logging-1*.jar")
    return [next(spark.jars.glob(name)) for name in names]


def run(cluster, flink, spark, folder, *words):
    """What `bin/flink` does."""
    opened = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in OPENED]
    conf = folder / "flink-conf"
    conf.mkdir()
    settings = {
        "jobmanager.memory.process.size": "1024m",
        "taskmanager.memory.process.size": "1024m",
        "taskmanager.numberOfTaskSlots": "2",
        "parallelism.default": "2",
        "env.java.opts.all": " ".join(opened),
        "yarn.staging-directory": f"file://{folder}/staging",
        # Nodes have no Hadoop: its client goes with the job.
        "yarn.ship-files": ";".join(map(str, hadoop_client(spark))),
    }
    (conf / "config.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    (folder / "plugins").mkdir()
    places = {
        "FLINK_CONF_DIR": conf,
        "FLINK_LIB_DIR": flink / "lib",
        "FLINK_OPT_DIR": flink / "opt",
        "FLINK_PLUGINS_DIR": folder / "plugins",
    }
    classes = [conf, f"{flink}/lib/*", *hadoop_client(spark), cluster.conf]
    return subprocess.run(
        [f"{java_home()}/bin/java", *opened, "-cp", ":".join(map(str, classes)),
         "org.apache.flink.client.cli.CliFrontend", *map(str, words)],
        env=cluster.environment() | {key: str(value) for key, value in places.items()},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )  # fmt: skip


@pytest.mark.parametrize(
    "mode", [("run-application", "yarn-application"), pytest.param(("run", "yarn-per-job"), marks=pytest.mark.full)], ids=lambda mode: mode[1]
)
def test_a_flink_job_runs_on_its_own_cluster_of_containers(cluster, flink, spark35, sums, tmp_path, mode):
    earlier = cluster.newest()
    action, target = mode
    done = run(cluster, flink, spark35, tmp_path, action, "-t", target, "-c", "FlinkSums", sums)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    application = cluster.newest()
    assert application != earlier
    report = cluster.wait_for(application, "FINISHED", "FAILED", "KILLED", seconds=120)
    assert (report["state"], report["finalStatus"]) == ("FINISHED", "SUCCEEDED"), report
    printed = "".join(
        file.read_text() for file in cluster.data.glob(f"nodes/*/logs/{application}/container_*/taskmanager.out")
    )
    found = {(int(rest), int(sum)) for rest, sum in re.findall(r"SUM (\d) (\d+)", printed)}
    assert found == {(rest, sum(n for n in range(1, 100_001) if n % 3 == rest)) for rest in range(3)}
    cluster.assert_clean(application)
    assert not list((tmp_path / "staging").rglob(f"{application}/*"))
