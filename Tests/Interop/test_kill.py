"""Applications that are killed: by Hadoop's command, by ours, over REST."""

import pytest

from conftest import JOBS
from test_failures import running


def kill_by_hadoop(cluster, spark, application):
    run = cluster.hadoop(spark, "ApplicationCLI", "application", "-kill", application)
    assert run.returncode == 0, run.stderr
    assert f"Killing application {application}" in run.stdout


def kill_by_heddle(cluster, spark, application):
    run = cluster.heddle("application", "-kill", application)
    assert (run.returncode, run.stdout) == (0, f"Killing application {application}\n")
    again = cluster.heddle("application", "-kill", application)
    assert again.stdout == f"Application {application} has already finished \n"


def kill_by_rest(cluster, spark, application):
    answer = cluster.rest(f"/apps/{application}/state", {"state": "KILLED"}, method="PUT")
    assert answer["state"] in ("RUNNING", "KILLED", "ACCEPTED")


@pytest.mark.parametrize(
    "kill,mode",
    [
        (kill_by_hadoop, "cluster"),
        (kill_by_rest, "client"),
        pytest.param(kill_by_heddle, "cluster", marks=pytest.mark.full),
    ],
)
def test_a_killed_application_ends_with_all_its_processes(cluster, spark35, kill, mode):
    process, application = running(cluster, spark35, mode)
    kill(cluster, spark35, application)
    report = cluster.wait_for(application, "KILLED")
    assert report["finalStatus"] == "KILLED"
    assert cluster.rest(f"/apps/{application}")["app"]["finalStatus"] == "KILLED"
    done = cluster.finish(process, 60)
    assert done.code == 1, "spark-submit must say that its application did not succeed"
    cluster.assert_clean(application)


def test_an_unknown_application_cannot_be_killed(cluster):
    unknown = "application_1_0001"
    run = cluster.heddle("application", "-kill", unknown)
    assert run.returncode == 255
    assert run.stdout == f"Application with id '{unknown}' doesn't exist in RM.\n"
