"""Parts of the cluster and of the job are killed while a job runs."""

import os
import re
import signal

import pytest

from cluster import find_answer, processes, wait_until
from conftest import JOBS

# More than any test waits for: the job ends when its test has seen enough.
ROUNDS, PAUSE = "300", "0.05"


def running(cluster, spark, mode, *, options=(), rounds=ROUNDS, pause=PAUSE, executors=2, job=JOBS / "slow.py", words=None):
    """Starts the slow job, or another that prints its rounds; returns its process and id when its executors work.

    The slow job ends after the round in which `process.enough` is made, where its driver sees that file."""
    before = {a["id"] for a in cluster.applications()}
    enough = cluster.folder / f"enough-{len(before)}"
    process = cluster.start_submit(spark, mode, job, *(words or [rounds, pause, enough]), options=options)
    process.enough = enough

    def found():
        assert process.poll() is None or mode == "cluster", process.err.read_text()[-4000:]
        return next((a["id"] for a in cluster.applications("RUNNING") if a["id"] not in before), None)

    application = wait_until(found, 90, "the application to run")
    wait_until(lambda: len(cluster.executors(application)) >= executors, 60, "its executors")
    if mode == "client":
        wait_until(lambda: "round 0" in process.out.read_text(), 90, "the first round")
    else:
        wait_until(lambda: "round 0" in cluster.driver_output(application), 90, "the first round")
    return process, application


def rounds_in(text: str) -> int:
    return len(re.findall(r"^round \d+$", text, re.M))


def let_go_on(cluster, process, application, mode, rounds=3):
    """Sees the slow job do more rounds than it had done, then has it end."""

    def done():
        return rounds_in(process.out.read_text() if mode == "client" else cluster.driver_output(application))

    before = done()
    wait_until(lambda: done() >= before + rounds, 120, f"{rounds} more rounds")
    process.enough.touch()


@pytest.fixture(scope="module")
def total(expected):
    """What the slow job must have summed, by what it printed: as many rounds of what one gives under local[2]."""
    return lambda text: rounds_in(text) * expected("slow.py", "1", "0")


@pytest.mark.parametrize("version", ["3.5", pytest.param("4.0", marks=pytest.mark.full)])
def test_an_executor_that_is_killed_is_replaced(cluster, sparks, total, version):
    process, application = running(cluster, sparks[version], "client")
    victim = cluster.executors(application)[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: len(set(cluster.executors(application)) - {victim}) == 2, 60, "another executor in its place")
    let_go_on(cluster, process, application, "client")
    done = cluster.finish(process)
    assert done.code == 0, done.log[-4000:]
    assert done.answer == total(done.output)
    assert "137" in done.log, "nobody was told that the executor was killed by signal 9"
    cluster.assert_clean(application)


def test_a_killed_application_master_gets_a_second_attempt(cluster, spark35, total):
    process, application = running(cluster, spark35, "cluster")
    first = cluster.executors(application)
    [master] = cluster.masters(application)
    os.kill(master, signal.SIGKILL)
    wait_until(lambda: not set(first) & set(processes()), 30, "the end of the first attempt's executors")
    process.enough.touch()
    done = cluster.finish(process)
    assert done.code == 0, done.log[-4000:]
    assert cluster.report(application)["currentAppAttemptId"].endswith("_000002")
    output = cluster.driver_output(application, attempt=2)
    assert find_answer(output) == total(output)
    cluster.assert_clean(application)


def test_a_killed_driver_ends_its_application(cluster, spark35):
    """Client mode: the ApplicationMaster notices, and nothing goes on without its driver."""
    process, application = running(cluster, spark35, "client")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    report = cluster.wait_for(application, "FINISHED", "FAILED", seconds=60)
    # What Spark's ApplicationMaster says when its driver is gone (spark.yarn.am.clientModeTreatDisconnectAsFailed).
    assert (report["state"], report["finalStatus"]) == ("FINISHED", "SUCCEEDED")
    wait_until(lambda: not cluster.container_processes(application), 30, "the end of its processes")
    # The staging folder was the driver's to remove: Apache leaves it too.


def test_a_killed_spark_submit_does_not_disturb_cluster_mode(cluster, spark35, total):
    process, application = running(cluster, spark35, "cluster")
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    let_go_on(cluster, process, application, "cluster")
    report = cluster.wait_for(application, "FINISHED", "FAILED", "KILLED", seconds=90)
    assert (report["state"], report["finalStatus"]) == ("FINISHED", "SUCCEEDED")
    output = cluster.driver_output(application)
    assert find_answer(output) == total(output)
    cluster.assert_clean(application)


def test_a_killed_node_manager(make_cluster, spark35, total):
    """Its containers end or go on; the job succeeds, and `heddle up` brings the node back."""
    cluster = make_cluster(nodes=2)
    process, application = running(cluster, spark35, "client")
    nodes = {a["id"]: a["numContainers"] for a in node_list(cluster)}
    # Not the ApplicationMaster's node: that is another test's matter.
    host = cluster.report(application)["amHost"]
    number = next(n for n in (1, 2) if f"127.0.0.{n + 1}" != host)
    assert len(nodes) == 2
    cluster.kill(f"nodemanager-{number}")
    wait_until(
        lambda: any(n["state"] == "LOST" for n in node_list(cluster, "-all")), 40, "the ResourceManager to miss the node"
    )
    let_go_on(cluster, process, application, "client")
    done = cluster.finish(process)
    assert done.code == 0, done.log[-4000:]
    assert done.answer == total(done.output)
    assert "Started again: nodemanager" in cluster.up()
    wait_until(lambda: len(node_list(cluster)) == 2, 20, "both nodes to run")
    wait_until(lambda: not cluster.container_processes(application), 30, "the end of what the lost node ran")


def node_list(cluster, *words):
    import json

    return json.loads(cluster.heddle("node", "-list", *words, "--json").stdout)


@pytest.mark.parametrize(
    "version,mode",
    [("3.5", "client"), ("4.0", "cluster"), *(pytest.param(*p, marks=pytest.mark.full) for p in [("3.5", "cluster"), ("4.0", "client")])],
)
def test_a_killed_resource_manager_comes_back_and_the_job_goes_on(make_cluster, sparks, total, version, mode):
    cluster, spark = make_cluster(nodes=2), sparks[version]
    first = cluster.succeed(spark, "client", JOBS / "pi.py", "2")
    process, application = running(cluster, spark, mode)
    before = set(cluster.executors(application) + cluster.masters(application))
    cluster.kill("resourcemanager")
    assert "Started again: resourcemanager" in cluster.up()
    states = {a["id"]: a["state"] for a in cluster.applications()}
    assert states[first.application] == "FINISHED", "a finished application was forgotten"
    assert states[application] in ("ACCEPTED", "RUNNING")
    assert set(cluster.executors(application) + cluster.masters(application)) == before, "containers were lost"
    # It is RUNNING again when its ApplicationMaster has registered with the new ResourceManager.
    cluster.wait_for(application, "RUNNING")
    let_go_on(cluster, process, application, mode)
    done = cluster.finish(process)
    assert done.code == 0, done.log[-4000:]
    output = done.output if mode == "client" else cluster.driver_output(application)
    assert find_answer(output) == total(output)
    assert cluster.report(application)["currentAppAttemptId"].endswith("_000001"), "the job was started again"
    report = cluster.wait_for(application, "FINISHED")
    assert report["finalStatus"] == "SUCCEEDED"
    cluster.assert_clean(application)


def test_a_node_manager_that_comes_back_adopts_its_containers(make_cluster, spark35, total):
    cluster = make_cluster(nodes=1, memory="4g")
    process, application = running(cluster, spark35, "client")
    before = set(cluster.executors(application) + cluster.masters(application))
    cluster.kill("nodemanager-1")
    assert "Started again: nodemanager-1" in cluster.up()
    after = set(cluster.executors(application) + cluster.masters(application))
    assert before == after, "containers were lost with the NodeManager"
    let_go_on(cluster, process, application, "client")
    done = cluster.finish(process)
    assert done.code == 0, done.log[-4000:]
    assert done.answer == total(done.output)
    cluster.assert_clean(application)


@pytest.mark.parametrize(
    "version,mode", [("3.5", "cluster"), ("3.5", "client"), pytest.param("4.0", "cluster", marks=pytest.mark.full)]
)
def test_a_failing_application_is_reported_everywhere(cluster, sparks, version, mode):
    options = ["spark.yarn.maxAppAttempts=1"]
    done = cluster.submit(sparks[version], mode, JOBS / "fails.py", "3", options=options)
    assert done.code == (1 if mode == "cluster" else 3), done.log[-3000:]
    application = done.application
    report = cluster.wait_for(application, "FINISHED", "FAILED")
    rest = cluster.rest(f"/apps/{application}")["app"]
    assert (rest["state"], rest["finalStatus"]) == (report["state"], report["finalStatus"])
    text = cluster.heddle("application", "-status", application).stdout
    assert f"State : {report['state']}" in text and f"Final-State : {report['finalStatus']}" in text
    if mode == "cluster":
        # The ApplicationMaster lived to say it: FINISHED, with the driver's failure as the final status.
        assert report["finalStatus"] == "FAILED"
        assert "final status: FAILED" in done.log
        for where in (rest["diagnostics"], report["diagnostics"], text, done.log):
            assert "User application exited with status 3" in where or "exitCode: 3" in where, where[-1500:]
        assert "the tank is empty" in cluster.driver_output(application)
    else:
        # The driver is not in the cluster: what YARN knows is that the ApplicationMaster ended well.
        assert (report["state"], report["finalStatus"]) == ("FINISHED", "SUCCEEDED")
        assert "the tank is empty" in done.output
    cluster.assert_clean(application)
