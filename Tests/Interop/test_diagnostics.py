"""What a user reads when an application waits or fails: over REST, from the commands, from spark-submit."""

import re

import pytest

from cluster import Cluster, wait_until
from conftest import JOBS


def submit(cluster: Cluster, command: str, *, memory=256, vcores=1, attempts=1, queue="default") -> str:
    """An application over REST whose ApplicationMaster is a line of shell: it never registers."""
    application = cluster.rest("/apps/new-application", method="POST")["application-id"]
    cluster.rest(
        "/apps",
        {
            "application-id": application,
            "application-name": "shell",
            "queue": queue,
            "max-app-attempts": attempts,
            "am-container-spec": {"commands": {"command": f"({command}) 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr"}},
            "resource": {"memory": memory, "vCores": vcores},
        },
        method="POST",
    )
    return application


def told(cluster: Cluster, application: str, text: str) -> str:
    """The diagnostics of an application, once they hold a text: the same in REST and from both commands."""
    wait_until(lambda: text in cluster.rest(f"/apps/{application}")["app"]["diagnostics"], 30, f"{text!r} in diagnostics")
    diagnostics = cluster.rest(f"/apps/{application}")["app"]["diagnostics"]
    assert diagnostics in cluster.heddle("application", "-status", application).stdout
    assert cluster.report(application)["diagnostics"] == diagnostics
    return diagnostics


def failed(cluster: Cluster, application: str) -> str:
    """The diagnostics of an application that failed, which REST and commands agree on."""
    report = cluster.wait_for(application, "FAILED", seconds=60)
    app = cluster.rest(f"/apps/{application}")["app"]
    assert (report["finalStatus"], app["state"], app["finalStatus"]) == ("FAILED", "FAILED", "FAILED")
    text = cluster.heddle("application", "-status", application).stdout
    assert "State : FAILED" in text and "Final-State : FAILED" in text
    return told(cluster, application, application.replace("application", "appattempt"))


# An ApplicationMaster that waits


def test_one_that_waits_for_room_or_for_its_queue_says_so_with_the_numbers(make_cluster):
    cluster = make_cluster(nodes=1, memory="1g")
    first = submit(cluster, "sleep 600", memory=900)
    cluster.wait_for(first, "ACCEPTED")
    wait_until(lambda: cluster.rest("/metrics")["clusterMetrics"]["allocatedMB"] == 900, 30, "the first to start")
    second = submit(cluster, "sleep 600", memory=512)
    limit = told(cluster, second, "Queue's AM resource limit exceeded.")
    assert "is not yet activated" in limit
    assert "AM Resource Request = <memory:512, vCores:1>" in limit
    assert "yarn.scheduler.capacity.maximum-am-resource-percent" in limit
    assert cluster.report(second)["state"] == "ACCEPTED"
    cluster.heddle("application", "-kill", first)
    wait_until(lambda: cluster.rest("/metrics")["clusterMetrics"]["allocatedMB"] == 512, 30, "the second to start")
    third = submit(cluster, "true", memory=100)
    assert "not yet activated" in told(cluster, third, "AM Resource Request = <memory:100, vCores:1>")
    for application in (second, third):
        assert cluster.heddle("application", "-kill", application).returncode == 0


def test_one_that_no_node_can_take_says_so(make_cluster):
    cluster = make_cluster(nodes=1, memory="1g")
    cluster.kill("nodemanager-1")
    wait_until(lambda: cluster.rest("/metrics")["clusterMetrics"]["lostNodes"] == 1, 60, "the node to be lost")
    application = submit(cluster, "sleep 600", memory=300)
    text = told(cluster, application, "waiting for resources to be assigned for AM")
    assert "It wants <memory:300, vCores:1> and no node takes work" in text
    # It starts when there is a node again.
    cluster.up()
    wait_until(lambda: cluster.rest("/metrics")["clusterMetrics"]["allocatedMB"] == 300, 30, "it to start")
    cluster.heddle("application", "-kill", application)


# Applications that fail


def test_a_failed_master_shows_its_exit_code_and_the_end_of_its_errors(cluster):
    application = submit(cluster, "seq 5000 1>&2; echo the tank is empty 1>&2; exit 3", attempts=2)
    text = failed(cluster, application)
    attempt = application.replace("application", "appattempt") + "_000002"
    assert text.startswith(f"Application {application} failed 2 times due to AM Container for {attempt}")
    assert "exitCode: 3" in text
    assert "the tank is empty" in text and "\n4999\n" in text, "the end of stderr is missing"
    assert "\n1000\n" not in text, "more than the end of stderr"
    assert cluster.report(application)["currentAppAttemptId"] == attempt
    # The whole of it is still there, although its work folder is gone.
    [log] = cluster.data.glob(f"nodes/*/logs/{application}/container_*_02_000001/stderr")
    assert len(log.read_text().splitlines()) == 5001
    cluster.assert_clean(application)


@pytest.mark.parametrize(
    "command,code,words",
    [
        ("/no/such/program", 127, ["not found"]),
        ("kill -SEGV $$", 139, ["SEGV"]),
        ("kill -KILL $$", 137, ["KILL"]),
        ("/etc/passwd", 126, ["ermission denied"]),
    ],
)
def test_exit_codes_are_explained(cluster, command, code, words):
    text = failed(cluster, submit(cluster, command))
    assert f"exitCode: {code}" in text
    for word in words:
        assert word in text, text


def test_a_memory_kill_says_what_used_how_much_and_what_to_set(cluster):
    eater = "import time; eaten = bytearray(300 * 1024 * 1024); time.sleep(60)"
    text = failed(cluster, submit(cluster, f"python3 -c '{eater}'", memory=128))
    assert "exitCode: -104" in text
    assert "beyond the 'PHYSICAL' memory limit" in text and "of 128 MB physical memory used" in text
    assert re.search(r"\|- \d+ \d+ \d+ \d+ \(python3\)", text), "the processes are not listed"
    [used] = re.findall(r"Largest physical memory seen: ([\d.]+) MB, limit 128 MB", text)
    [advised] = re.findall(r"at least (\d+) MiB", text)
    # It may be ended while it still fills its memory.
    assert 128 < float(used) <= int(advised) <= 2 * float(used)


def test_a_kill_says_who_killed(cluster):
    application = submit(cluster, "sleep 600")
    cluster.wait_for(application, "ACCEPTED")
    cluster.rest(f"/apps/{application}/state", {"state": "KILLED", "diagnostics": "by hand"}, method="PUT", user="root")
    cluster.wait_for(application, "KILLED")
    text = told(cluster, application, "killed by user root")
    assert "127.0.0.1" in text


def test_an_unknown_queue_is_named(cluster, spark35):
    application = submit(cluster, "true", queue="nowhere")
    assert "nowhere" in cluster.wait_for(application, "FAILED")["diagnostics"]
    assert "nowhere" in told(cluster, application, "queue")
    done = cluster.submit(spark35, "cluster", JOBS / "pi.py", "1", options=["--queue", "nowhere"])
    assert done.code == 1 and re.search(r"queue:? ?nowhere|unknown queue", done.log), done.log[-3000:]
    assert not list(cluster.staging.glob("*/.sparkStaging/*")), "a staging folder was left"


def test_a_request_above_the_largest_container_is_refused_with_both_numbers(cluster, spark35):
    done = cluster.submit(spark35, "cluster", JOBS / "pi.py", "1", options=["--driver-memory", "100g"])
    assert done.code == 1
    assert "above the max threshold" in done.log and "3072 MB" in done.log, done.log[-3000:]


@pytest.mark.parametrize("version", ["3.5", pytest.param("4.0", marks=pytest.mark.full)])
def test_spark_submit_shows_why_the_master_did_not_start(cluster, sparks, version):
    options = ["spark.driver.extraJavaOptions=-javaagent:/no/such/agent.jar", "spark.yarn.maxAppAttempts=1"]
    done = cluster.submit(sparks[version], "cluster", JOBS / "pi.py", "1", options=options)
    assert done.code == 1
    text = failed(cluster, done.application)
    for where in (text, done.log):
        assert "exitCode: 1" in where
        assert "/no/such/agent.jar" in where
    cluster.assert_clean(done.application)


def test_spark_understands_why_an_executor_was_killed(cluster, spark35):
    """Spark looks for the numbers in YARN's sentence and names the setting to raise."""
    options = ["spark.task.maxFailures=1", "spark.executor.instances=1"]
    done = cluster.submit(spark35, "client", JOBS / "eats.py", options=options)
    assert done.code == 1
    why = r"exceeding physical memory limits\.\s+[\d.]+ [MG]B of 896 MB physical memory used"
    assert re.search(why, done.log), done.log[-3000:]
    assert "spark.executor.memoryOverhead" in done.log
    cluster.assert_clean(done.application)
