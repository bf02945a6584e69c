"""Spark on two nodes that share no directory with each other or with the client: everything goes over the staging server."""

import functools
import http.server
import json
import os
import signal
import subprocess
import threading
from pathlib import Path

import hdfs
import pytest

from cluster import ROOT, find_answer, java_home, wait_until
from conftest import JOBS, everywhere, pairs
from history import HistoryServer
from machines import Machines, can_unshare
from test_failures import running

JAVA = Path(__file__).parent / "java"

# Pairwise by default, everything with --full.
WAYS_OF_JARS = pairs([("4.0", "jars")], further=[("3.5", "archive"), ("3.5", "jars"), ("4.0", "archive")])
WAYS_OF_EVENTS = pairs([("3.5", False), ("4.0", True)], further=[("3.5", True), ("4.0", False)])
WRITERS_AND_READERS = pairs([("3.5", "4.0")], further=[("4.0", "3.5")])


@pytest.fixture(scope="module")
def machines(sparks, tmp_path_factory):
    made = Machines(tmp_path_factory.mktemp("machines"), memory="2g")
    made.hidden = [spark.python.parents[1] for spark in sparks.values()] + [packed_environment_source()]
    try:
        made.up()
        yield made
        for node in made.data.glob("nodes/*"):
            names = [copy.name for copy in node.glob("local/filecache/*/*.zip")]
            assert len(names) == len(set(names)), f"{node} downloaded {names}, the same archive twice"
    finally:
        made.down()


@pytest.fixture
def python(machines, monkeypatch):
    """Says with which Python the test's jobs run."""
    return lambda **environment: monkeypatch.setattr(machines, "python", environment)


def packed_environment_source() -> Path:
    return Path(os.environ.get("HEDDLE_PACKED", ROOT / ".venv-packed"))


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> Path:
    """A virtual environment, packed as Spark's manual says: with the package venv-pack."""
    source = packed_environment_source()
    assert source.exists(), f"no environment to pack at {source}: run scripts/test.sh, or set HEDDLE_PACKED"
    packed = tmp_path_factory.mktemp("packed") / "environment.tar.gz"
    subprocess.run([source / "bin" / "venv-pack", "-q", "-p", source, "-o", packed], check=True, timeout=120)
    return packed


@pytest.fixture(scope="session")
def web(spark35, class_jar, tmp_path_factory):
    """The address of a web server with jars, and what it was asked for."""
    folder = tmp_path_factory.mktemp("web")
    compile_it = [f"{java_home()}/bin/javac", "--release", "17", "-cp", f"{spark35.jars}/*", "-d", folder / "classes"]
    subprocess.run([*compile_it, JAVA / "Twice.java"], check=True, capture_output=True)
    subprocess.run([f"{java_home()}/bin/jar", "cf", folder / "twice.jar", "-C", folder / "classes", "."], check=True)
    (folder / "count.jar").write_bytes(class_jar.read_bytes())

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def client(machines) -> hdfs.InsecureClient:
    return hdfs.InsecureClient(f"http://127.0.0.1:{machines.files.port}", user="root")


def test_a_node_sees_only_its_own_folder(machines):
    if not can_unshare():
        pytest.skip("this user makes no mount namespaces: the nodes have folders of their own, but could see the others'")
    own, other = (f"{machines.data}/nodes/{number}/conf/yarn-site.xml" for number in (1, 2))
    spark = machines.hidden[0].resolve() / "bin" / "spark-submit"
    for path, seen in [(own, True), (other, False), (machines.files.conf, False), (spark, False), (JOBS, False)]:
        assert Path(path).exists() and Path(f"/proc/{machines.process('nodemanager-1')}/root{path}").exists() == seen, path


@pytest.mark.parametrize("version,mode", everywhere(("3.5", "client"), ("4.0", "cluster")))
def test_a_packed_environment_files_modules_and_jars_reach_the_nodes(
    machines, sparks, environment, web, python, tmp_path, version, mode
):
    spark = sparks[version]
    (tmp_path / "note.txt").write_text("a note")
    (tmp_path / "shipped_module.py").write_text("def double(x):\n    return 2 * x\n")
    python(PYSPARK_PYTHON="./environment/bin/python")
    if mode == "client":
        python(PYSPARK_PYTHON="./environment/bin/python", PYSPARK_DRIVER_PYTHON=str(spark.python))
    shipped = ["--archives", f"{environment}#environment", "--files", tmp_path / "note.txt", "--jars", f"{web}/twice.jar"]
    shipped += ["--py-files", tmp_path / "shipped_module.py"]
    done = machines.succeed(spark, mode, JOBS / "packed.py", options=shipped)
    version = next(packed_environment_source().glob("lib/python3*/site-packages/six-*.dist-info")).name.split("-")[1][:-5]
    seen = ["a note", "environment/bin/python"]
    for row in done.answer["seen"]:
        assert row[2:4] == seen and row[4].startswith("environment/lib/python3") and row[5] == version, row
    assert [row[:2] for row in done.answer["seen"]] == [[0, 0], [1, 2]]
    assert done.answer["hosts"] == ["127.0.0.2", "127.0.0.3"]
    assert (done.answer["twice"], done.answer["called"]) == ([0, 2, 4, 6], 42)


@pytest.mark.parametrize("version,mode", everywhere(("3.5", "cluster")))
def test_a_class_in_a_jar_on_a_web_server(machines, sparks, web, version, mode):
    words = "to be or not to be that is the question".split()
    options = ["--class", "CountWords", "--jars", f"{web}/twice.jar"]
    done = machines.succeed(sparks[version], mode, f"{web}/count.jar", *words, options=options)
    assert done.answer == len(set(words))


@pytest.mark.parametrize("version,key", WAYS_OF_JARS)
def test_sparks_jars_are_uploaded_once_and_downloaded_once_by_each_node(machines, sparks, expected, version, key):
    spark, options = sparks[version], []
    if key == "jars":
        machines.upload_jars(spark)
        options = ["spark.yarn.archive=", f"spark.yarn.jars={machines.files.uri}/spark/{version}/*"]
    kept = {}
    for number in range(2):
        process, application = running(machines, spark, "cluster", options=options, rounds="3")
        staged = client(machines).list(f"/user/root/.sparkStaging/{application}")
        assert not [name for name in staged if name.endswith(".jar") or name == f"{version}.zip"], staged
        localized = machines.localized()
        assert all(any(jar in path for path in localized) for jar in ("spark-core_", "hadoop-client-api-")), localized
        assert number == 0 or localized == kept, "what was there is fetched again"
        kept = localized
        done = machines.finish(process)
        assert done.code == 0, done.log[-4000:]
        assert find_answer(machines.driver_output(application)) == expected("slow.py", "3", "0")
        machines.assert_clean(application)


@pytest.mark.parametrize("version,rolling", WAYS_OF_EVENTS)
def test_sparks_history_server_reads_event_logs(machines, sparks, tmp_path, version, rolling):
    spark, folder = sparks[version], f"/events/{version}-{rolling}"
    client(machines).makedirs(folder, permission="1777")
    options = ["spark.eventLog.enabled=true", f"spark.eventLog.dir={machines.files.uri}{folder}"]
    options += [f"spark.eventLog.rolling.enabled={str(rolling).lower()}", "spark.eventLog.rolling.maxFileSize=10m"]
    options += ["--num-executors", "1"]
    gate = tmp_path / "gate"
    job = {"job": JOBS / "held.py", "words": [gate], "executors": 1}
    process, application = running(machines, spark, "client", options=options, **job)
    with HistoryServer(spark, f"{machines.files.uri}{folder}", machines.conf, tmp_path) as history:
        [name] = client(machines).list(folder)
        if rolling:
            assert name == f"eventlog_v2_{application}"
            status, events = sorted(client(machines).list(f"{folder}/{name}"))
            assert status == f"appstatus_{application}.inprogress" and events.startswith(f"events_1_{application}")
        else:
            assert name.startswith(application) and name.endswith(".inprogress")
        history.wait_for(application, "running")
        gate.touch()
        done = machines.finish(process)
        assert done.code == 0, done.log[-4000:]
        assert done.answer == [4950, 4950]
        machines.assert_clean(application)
        history.wait_for(application, "completed")
        assert application not in history.applications("running")
        page = wait_until(lambda: history.get(f"/history/{application}/jobs/"), 60, "the application's page")
        assert "Completed Jobs" in page and "held.py" in page, page[:2000]
        jobs = json.loads(history.get(f"/api/v1/applications/{application}/jobs"))
        assert [job["status"] for job in jobs] == ["SUCCEEDED"] * 2
    [name] = client(machines).list(folder)
    assert name.startswith(f"eventlog_v2_{application}" if rolling else application) and not name.endswith(".inprogress")


@pytest.mark.parametrize("writer,reader", WRITERS_AND_READERS)
def test_tables_are_written_by_one_application_and_read_by_another(machines, sparks, expected, tmp_path, writer, reader):
    folder = f"/user/root/tables-{writer}"
    words = [JOBS / "tables.py", f"{machines.files.uri}{folder}"]
    machines.succeed(sparks[writer], "client", *words, "write")
    done = machines.succeed(sparks[reader], "cluster", *words, "read")
    assert done.answer == expected("tables.py", f"file://{tmp_path}", "write", "read")
    files = {path: names for path, _, names in client(machines).walk(folder)}
    assert not [path for path in files if "_temporary" in path], files
    for table in ("parquet", "csv", "text"):
        assert "_SUCCESS" in files[f"{folder}/{table}"], files
    # The failed job's folder holds nothing that a reader would take for data.
    assert not [name for path, names in files.items() if path.startswith(f"{folder}/failed") for name in names], files
    # One part of each task of both jobs, and nothing of the first, which was replaced.
    assert len(files[f"{folder}/parquet/rest=3"]) == 6, files
    assert len(files[f"{folder}/csv"]) == 4, files
    assert len(files[f"{folder}/text"]) == 7, files


@pytest.mark.parametrize("mode", ["client", pytest.param("cluster", marks=pytest.mark.full)])
def test_the_staging_server_is_killed_in_the_middle_of_a_job_and_comes_back(machines, spark35, expected, mode):
    """What is read from it waits, new containers included, and the job ends as if nothing had been."""
    client(machines).makedirs("/events/killed", permission="1777")
    options = ["spark.eventLog.enabled=true", f"spark.eventLog.dir={machines.files.uri}/events/killed"]
    process, application = running(machines, spark35, mode, options=options, rounds="12")
    machines.files.kill()
    os.kill(machines.executors(application)[0], signal.SIGKILL)
    machines.files.start()
    done = machines.finish(process)
    assert done.code == 0, done.log[-4000:]
    output = done.output if mode == "client" else machines.driver_output(application)
    assert find_answer(output) == expected("slow.py", "12", "0")
    machines.assert_clean(application)
