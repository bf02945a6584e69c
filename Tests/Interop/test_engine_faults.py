"""What happens to programs written with the library `Heddle` when tasks, executors and nodes misbehave, and when there is
more data than memory."""

import json
import os
import random
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest

from cluster import heddle_program, wait_until
from daemons import Daemons
from engine import PROGRAM, answer, executors, finish, running, start
from namespaces import Neighbour

SUM = f"{sum(range(40))}\n"
TEXTS = 1280 * 256
SKEWED = [0 if n % 2 == 0 else n * 7919 % 1000 for n in range(TEXTS)]
LARGE = {
    "large-sort": f"{TEXTS} true\n",
    "large-group": f"1000 {TEXTS} {TEXTS * 4096}\n",
    "large-join": f"{TEXTS} {TEXTS * 4096} {sum(2 * (n * 7919 % 1000) for n in range(TEXTS))}\n",
    "large-keep": f"[{TEXTS * 4096}, {TEXTS * 4096}] {TEXTS}\n",
    "skewed-group": f"{len(set(SKEWED))} {TEXTS} {TEXTS * 4096}\n",
    "skewed-join": f"{TEXTS} {TEXTS * 4096} {2 * sum(SKEWED)}\n",
}


def memory(pid):
    """MiB that a process has for itself."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("RssAnon:")[1].split()[0]) // 1024 if "RssAnon:" in status else 0


@pytest.mark.parametrize("job,mode", [(job, ("client", "cluster")[number % 2]) for number, job in enumerate(LARGE)])
def test_data_ten_times_the_memory(cluster, job, mode):
    """1,280 MiB in executors of 128 MiB, which take no more than their containers have; also where a key has half of them."""
    options = ["--executor-memory", "128m"]
    process, application = running(cluster, mode, job, 1280, options=options)
    most = 0
    while process.poll() is None:
        most = max([most, *map(memory, executors(cluster, application))])
    code, output, errors, _ = finish(process)
    assert code == 0, errors
    assert answer(cluster, mode, application, output) == LARGE[job]
    assert 0 < most < 128 + 64
    cluster.assert_clean(application)


@pytest.mark.parametrize("job", ["hang", "crash", "shout"])
def test_what_a_task_may_do_to_its_executor(cluster, tmp_path, job):
    """One that never ends is run a second time beside it; one that ends its process, elsewhere; one that writes a gigabyte
    to standard error disturbs nobody."""
    options = ["--conf", "spark.speculation=true", "--conf", "spark.speculation.quantile=0.5"]
    options += ["--conf", "spark.speculation.interval=100ms", "--conf", "spark.speculation.minTaskRuntime=300ms"]
    marker = tmp_path / "marker"
    code, output, errors, application = finish(start(cluster, "client", job, marker, options=options if job == "hang" else []))
    assert (code, output) == (0, SUM), errors
    assert marker.exists()
    assert len(errors) < 100_000
    cluster.assert_clean(application)


def test_an_executor_that_stands_still_is_given_up(cluster, tmp_path):
    options = ["--conf", "spark.network.timeout=3s", "--conf", "spark.executor.heartbeatInterval=500ms"]
    code, output, errors, application = finish(start(cluster, "client", "freeze", tmp_path / "marker", options=options))
    assert (code, output) == (0, SUM), errors
    # It stands still yet: ended with its application.
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_task_that_takes_all_memory_fails_the_job_with_the_remedy(cluster, mode):
    code, output, errors, application = finish(start(cluster, mode, "eat"))
    assert code == 1
    said = output + errors
    assert "spark.executor.memoryOverhead" in said and "physical memory" in said, said
    report = cluster.wait_for(application, "FINISHED")
    assert report["finalStatus"] == "FAILED"
    cluster.assert_clean(application)


def test_all_executors_are_killed(cluster):
    process, application = running(cluster, "client", "slow", "200")
    for pid in executors(cluster, application):
        os.kill(pid, signal.SIGKILL)
    code, output, errors, _ = finish(process)
    assert (code, output) == (0, f"{sum(range(200))}\n"), errors
    cluster.assert_clean(application)


def test_what_is_kept_twice_is_not_computed_again(cluster, tmp_path):
    """An executor is killed; the one that takes its place has copies made for it, and then the other is killed too."""
    more, rows = tmp_path / "more", sum(n * 3 for n in range(10_000))
    process, application = running(cluster, "client", "twice", more)

    def kept():
        """How many partitions each executor has, by its number."""
        url = f"{cluster.web_address()}/proxy/{application}/api/v1/applications/{application}/executors"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return {e["id"]: e["rddBlocks"] for e in json.load(answer) if e["isActive"]}
        except OSError:
            return {}

    known = set()
    pids = executors(cluster, application)
    for pid in [None, *pids]:
        if pid:
            os.kill(pid, signal.SIGKILL)
        now = wait_until(lambda: sorted((found := kept()).values()) == [8, 8] and set(found) != known and found, 60, "the copies")
        known = set(now)
    more.touch()
    code, output, errors, _ = finish(process)
    assert (code, output) == (0, f"{rows}\n{rows} 10000\n"), errors
    cluster.assert_clean(application)


@pytest.mark.parametrize("seed", [1, 2])
def test_executors_are_killed_at_any_moment(cluster, seed):
    """In whatever phase: what a round answers is the same each time."""
    chance, texts, rounds = random.Random(seed), 100 * 256, 8
    options = ["--executor-memory", "128m", "--conf", "spark.executor.maxNumFailures=100", "--conf", "spark.task.maxFailures=20"]
    process, application = running(cluster, "client", "large-rounds", 100, rounds, options=options)
    killed = 0
    while killed < 6 and process.poll() is None:
        try:
            process.wait(chance.uniform(0.05, 0.4))
        except subprocess.TimeoutExpired:
            pass
        if there := executors(cluster, application):
            os.kill(chance.choice(there), signal.SIGKILL)
            killed += 1
    code, output, errors, _ = finish(process)
    assert code == 0, errors
    sums = sum(2 * (n * 7919 % 1000) for n in range(texts))
    assert output == f"{texts} true 1000 {texts} {texts * 4096} {texts} {texts * 4096} {sums}\n" * rounds
    assert killed == 6, "the program was over too soon"
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_node_manager_is_killed(make_cluster, mode):
    """Its executors go on until the ResourceManager misses the node; others take their place then."""
    cluster = make_cluster(nodes=2)
    process, application = running(cluster, mode, "slow", "600")
    host = cluster.report(application)["amHost"]
    number = next(n for n in (1, 2) if f"127.0.0.{n + 1}" != host)
    cluster.kill(f"nodemanager-{number}")
    code, _, errors, _ = output = finish(process)
    assert code == 0, errors
    assert answer(cluster, mode, application, output[1]) == f"{sum(range(600))}\n"
    assert "Started again: nodemanager" in cluster.up()
    wait_until(lambda: not cluster.container_processes(application), 30, "the end of what the lost node ran")


@pytest.mark.parametrize("room", [True, False])
def test_a_disk_for_what_memory_has_no_room_for_is_full(tmp_path, room):
    """Where there is a second folder the work goes on there; else it fails and says which folder, and what to set."""
    small, other = tmp_path / "small", tmp_path / "other"
    small.mkdir()
    other.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", small], capture_output=True)
    assert mounted.returncode == 0, "this test makes a small disk: it needs the right to mount"
    try:
        folders = f"{small},{other}" if room else str(small)
        words = [heddle_program(), "submit", "--master", "local-cluster[2,1,128]", "--conf", "spark.shuffle.compress=false"]
        words += ["--conf", f"spark.local.dir={folders}", PROGRAM, "-", "large-sort", "300"]
        run = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60)
    finally:
        subprocess.run(["umount", small], check=True)
    if room:
        assert (run.returncode, run.stdout) == (0, f"{300 * 256} true\n"), run.stderr
    else:
        assert run.returncode == 1 and "No space left on device" in run.stdout, run.stdout + run.stderr
        assert str(small) in run.stdout and "spark.local.dir" in run.stdout


def test_results_that_are_too_much_for_the_driver(cluster):
    options = ["--conf", "spark.driver.maxResultSize=1m"]
    code, output, errors, application = finish(start(cluster, "client", "large", options=options))
    assert code == 1
    assert "spark.driver.maxResultSize" in output and "(1048576)" in output, output
    cluster.assert_clean(application)


def test_the_machine_of_a_driver_is_lost(tmp_path):
    """No word comes from it, as from a driver that thinks: its ApplicationMaster and executors end all the same."""
    other = Neighbour()
    daemons = Daemons(tmp_path)
    settings = {"yarn.resourcemanager.address": f"{other.here}:{daemons.ports['address']}"}
    daemons.settings |= settings | {"heddle.security.allow-insecure-network": "true"}
    daemons.set()
    driver = None
    try:
        daemons.start_both()
        words = [heddle_program(), "submit", "--master", "yarn", "--executor-memory", "256m", "--num-executors", "1"]
        words += ["--conf", "spark.executor.memoryOverhead=64m", "--conf", f"spark.yarn.stagingDir=file://{tmp_path}/staging"]
        words += ["--conf", "spark.network.timeout=3s", "--conf", "spark.executor.heartbeatInterval=500ms"]
        with other.inside():
            driver = subprocess.Popen(
                [*map(str, words), str(PROGRAM), "-", "slow", "10000"],
                env=os.environ | {"HADOOP_CONF_DIR": str(daemons.conf)},
                stdout=subprocess.DEVNULL,
                stderr=open(tmp_path / "driver.log", "w"),
            )
        # The ApplicationMaster and the executor.
        wait_until(lambda: daemons.metrics()["containersAllocated"] == 2 or driver.poll() is not None, 60, "the executor")
        [application] = daemons.get("webapp", "/ws/v1/cluster/apps")["apps"]["app"]
        programs = lambda: [w for w in daemons.container_processes().values() if w[0].endswith("EngineProgram")]
        wait_until(lambda: len(programs()) == 2, 30, "its program")
        other.cut()
        ended = daemons.wait_for_end(application["id"], 60)
        assert ended["finalStatus"] == "FAILED" and "the driver is gone" in ended["diagnostics"], ended
        wait_until(lambda: not daemons.container_processes(), 30, "the end of the executor")
        assert driver.poll() is None
    finally:
        if driver:
            driver.kill()
            driver.wait()
        daemons.close()
        other.close()
