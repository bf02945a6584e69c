"""Our commands against Hadoop's own classes, on the same cluster: the same columns, texts and exit codes."""

import re

import pytest

from conftest import JOBS
from test_failures import running


@pytest.fixture(scope="module", params=["3.5", "4.0"])
def spark(request, sparks):
    return sparks[request.param]


@pytest.fixture(scope="module")
def finished(cluster, spark35):
    return cluster.succeed(spark35, "cluster", JOBS / "pi.py", "2").application


@pytest.fixture(scope="module")
def live(cluster, spark35, finished):
    process, application = running(cluster, spark35, "client", rounds="2000")
    yield application
    cluster.heddle("application", "-kill", application)
    cluster.finish(process, 60)


# What moves between two calls: used memory and CPU, the seconds an application has run, when a node last reported.
MOVING = [
    (re.compile(r"(Aggregate Resource Allocation : ).*"), r"\1..."),
    (re.compile(r"(PMem:|VMem:|VCores:)[0-9.E-]+"), r"\1..."),
    (re.compile(r"(Last-Health-Update : ).*"), r"\1..."),
    (re.compile(r"(Progress : ).*"), r"\1..."),
    (re.compile(r"(Current Capacity : ).*"), r"\1..."),
    (re.compile(r"(RemainingTime : )[0-9]+(seconds)"), r"\1...\2"),
    # Hadoop 3.3 does not know these lines of 3.4.
    (re.compile(r"\tRMClusterId : .*\n"), ""),
]


def still(text: str) -> str:
    for pattern, replacement in MOVING:
        text = pattern.sub(replacement, text)
    return text


def compare(cluster, spark, java_class, command, *words, head=()):
    theirs = cluster.hadoop(spark, java_class, *head, *words)
    ours = cluster.heddle(command, *words)
    assert (still(ours.stdout), ours.returncode) == (still(theirs.stdout), theirs.returncode), theirs.stderr[-2000:]
    return ours.stdout


def test_applications(cluster, spark, live, finished):
    for words in [
        ("-list",),
        ("-list", "-appStates", "ALL"),
        ("-list", "-appStates", "finished,KILLED", "-appTypes", "SPARK"),
        ("-list", "-appStates", "nonsense"),
        ("-list", "-appTags", "nobody"),
        ("-status", live),
        ("-status", finished),
        ("-status", "application_1_0001"),
        ("-kill", finished),
        ("-kill", "application_1_0001"),
    ]:
        compare(cluster, spark, "ApplicationCLI", "application", *words, head=["application"])


def test_changes(cluster, spark, live):
    """What either command changes is changed, with the same words; what is refused is refused with the same reason."""
    for words in [
        ("-appId", live, "-changeQueue", "default"),
        ("-movetoqueue", live, "-queue", "default"),
        ("-appId", live, "-updatePriority", "0"),
    ]:
        compare(cluster, spark, "ApplicationCLI", "application", *words, head=["application"])
    for words, reason in [
        (("-appId", live, "-changeQueue", "nowhere"), "The specified Queue: nowhere doesn't exist"),
        (("-appId", "application_1_0001", "-updatePriority", "0"), "'application_1_0001' doesn't exist in RM"),
    ]:
        theirs = cluster.hadoop(spark, "ApplicationCLI", "application", *words)
        ours = cluster.heddle("application", *words)
        assert ours.returncode == theirs.returncode != 0
        for said in (ours.stdout + ours.stderr, theirs.stdout + theirs.stderr):
            assert reason in said
    theirs = cluster.hadoop(spark, "ApplicationCLI", "application", "-appId", live, "-updateLifetime", "7200")
    assert theirs.returncode == 0, theirs.stderr
    assert 7100 < cluster.rest(f"/apps/{live}/timeouts/LIFETIME")["timeout"]["remainingTimeInSeconds"] <= 7200
    ours = cluster.heddle("application", "-appId", live, "-updateLifetime", "3600")
    assert ours.returncode == 0, ours.stderr
    assert 3500 < cluster.rest(f"/apps/{live}/timeouts/LIFETIME")["timeout"]["remainingTimeInSeconds"] <= 3600


def test_attempts_and_containers(cluster, spark, live):
    out = compare(cluster, spark, "ApplicationCLI", "applicationattempt", "-list", live, head=["applicationattempt"])
    attempt = re.search(r"appattempt_\S+", out).group()
    compare(cluster, spark, "ApplicationCLI", "applicationattempt", "-status", attempt, head=["applicationattempt"])
    out = compare(cluster, spark, "ApplicationCLI", "container", "-list", attempt, head=["container"])
    container = re.search(r"container_\S+", out).group()
    compare(cluster, spark, "ApplicationCLI", "container", "-status", container, head=["container"])
    unknown = container[:-6] + "999999"
    compare(cluster, spark, "ApplicationCLI", "container", "-status", unknown, head=["container"])


def test_nodes(cluster, spark, live):
    for words in [("-list",), ("-list", "-all"), ("-list", "-showDetails"), ("-list", "-states", "LOST"), ("-list", "-states", "x")]:
        out = compare(cluster, spark, "NodeCLI", "node", *words)
    out = cluster.heddle("node", "-list").stdout
    node = re.search(r"127\.0\.0\.2:\d+", out).group()
    compare(cluster, spark, "NodeCLI", "node", "-status", node)
    compare(cluster, spark, "NodeCLI", "node", "-status", "127.0.0.99:1")


def test_queues(cluster, spark40, live):
    """Of 3.4 only: the columns of 3.3's queue command are others."""
    compare(cluster, spark40, "QueueCLI", "queue", "-status", "default")
    compare(cluster, spark40, "QueueCLI", "queue", "-status", "nope")
    theirs = cluster.hadoop(spark40, "QueueCLI", "-list", "all").stdout.splitlines()
    ours = cluster.heddle("queue", "-list", "all").stdout.splitlines()
    assert [line.count("|") for line in ours] == [line.count("|") for line in theirs]


def test_administration(cluster, spark):
    compare(cluster, spark, "RMAdminCLI", "rmadmin", "-refreshNodes")
    assert cluster.heddle("rmadmin", "-getServiceState", "rm1").stdout == "active\n"


def test_without_a_resource_manager_the_address_and_its_origin_are_named(cluster, tmp_path):
    # As in Hadoop a command waits for its ResourceManager, by default for fifteen minutes; here for a second.
    values = {
        "yarn.resourcemanager.address": "127.0.0.1:1",
        "yarn.resourcemanager.connect.max-wait.ms": "1000",
        "yarn.resourcemanager.connect.retry-interval.ms": "200",
        "ipc.client.connect.retry.interval": "20",
    }
    properties = "".join(f"<property><name>{key}</name><value>{value}</value></property>" for key, value in values.items())
    (tmp_path / "yarn-site.xml").write_text(f"<configuration>{properties}</configuration>")
    run = cluster.heddle("application", "-list", "-config", tmp_path)
    assert run.returncode == 1
    assert "127.0.0.1:1" in run.stderr and str(tmp_path) in run.stderr
