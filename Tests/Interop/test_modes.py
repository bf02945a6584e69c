"""Unmodified Spark runs on the cluster, in both deploy modes, and gives the answers of local[2]."""

import os
import urllib.error
import urllib.request
import zipfile

import pytest

from cluster import shipped_files, wait_until
from conftest import JOBS, everywhere
from test_failures import running

# Chosen so that every pair of version, mode and kind of job comes up. `--full` runs everything.
EVERYWHERE = everywhere(("3.5", "client"), ("4.0", "cluster"))


@pytest.mark.parametrize("version,mode", EVERYWHERE)
def test_flights_grouped_as_under_local(cluster, sparks, expected, flights, version, mode):
    # With Java's own options, as people have them.
    options = [f"spark.{part}.extraJavaOptions=" for part in ("driver", "executor", "yarn.am")]
    done = cluster.succeed(sparks[version], mode, JOBS / "flights.py", flights, options=options)
    assert done.answer["rows"] == 336776
    assert done.answer == expected("flights.py", str(flights))


@pytest.mark.parametrize("version,mode", EVERYWHERE)
def test_class_in_a_jar(cluster, sparks, class_jar, version, mode):
    words = "to be or not to be that is the question".split()
    done = cluster.succeed(sparks[version], mode, class_jar, *words, options=["--class", "CountWords"])
    assert done.answer == len(set(words))


@pytest.fixture(scope="module")
def shipment(tmp_path_factory):
    return shipped_files(tmp_path_factory.mktemp("shipment"))


@pytest.mark.parametrize("version,mode", everywhere(("3.5", "cluster")))
def test_files_modules_and_archives_reach_the_executors(cluster, sparks, shipment, version, mode):
    done = cluster.succeed(sparks[version], mode, JOBS / "shipped.py", options=shipment)
    assert done.answer == [[0, 0, "a note", "deep inside"], [1, 2, "a note", "deep inside"]]


def test_settings_are_what_was_asked_for(cluster, spark35):
    options = ["--name", "a name of its own", "--queue", "default", "--executor-cores", "2"]
    options += ["--executor-memory", "640m", "spark.test.setting=x y", "spark.yarn.tags=one,Two", "spark.yarn.priority=0"]
    done = cluster.succeed(spark35, "client", JOBS / "settings.py", options=options)
    assert done.answer["containers"], "the tasks did not run in containers"
    assert done.answer["settings"] == {
        "spark.app.name": "a name of its own",
        "spark.executor.memory": "640m",
        "spark.executor.cores": "2",
        "spark.yarn.queue": "default",
        "spark.test.setting": "x y",
    }
    report = cluster.report(done.application)
    assert report["name"] == "a name of its own"
    assert report["queue"] in ("default", "root.default")
    assert report["applicationTags"] == ["one", "two"]


@pytest.mark.parametrize("version,mode", [("4.0", "cluster"), pytest.param("3.5", "client", marks=pytest.mark.full)])
def test_containers_have_the_number_and_sizes_that_were_asked_for(cluster, sparks, version, mode):
    """Sizes to the MiB, since `heddle up` allocates in steps of one; memory overhead is 384 MiB at least."""
    options = ["--num-executors", "3", "--executor-memory", "640m", "--executor-cores", "2", "--driver-memory", "600m"]
    if mode == "client":
        options += ["spark.yarn.am.memory=600m"]
    process, application = running(cluster, sparks[version], mode, options=options, executors=3)
    attempt = cluster.report(application)["currentAppAttemptId"]
    containers = cluster.rest(f"/apps/{application}/appattempts/{attempt}/containers")["container"]
    sizes = sorted((int(c["allocatedMB"]), int(c["allocatedVCores"])) for c in containers)
    assert sizes == [(984, 1), (1024, 2), (1024, 2), (1024, 2)]
    assert len(cluster.executors(application)) == 3
    process.enough.touch()
    done = cluster.finish(process)
    assert done.code == 0, done.log[-4000:]
    cluster.assert_clean(application)


@pytest.mark.parametrize("version", ["3.5", pytest.param("4.0", marks=pytest.mark.full)])
def test_jars_from_an_archive_file(cluster, sparks, tmp_path, expected, version):
    """spark.yarn.archive as a file: everything is localized, nothing is taken from this machine's Spark."""
    spark = sparks[version]
    archive = tmp_path / "jars.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for jar in spark.jars.glob("*.jar"):
            packed.write(jar, jar.name)
    archive.chmod(0o644)
    options = [f"spark.yarn.archive=file://{archive}", "spark.yarn.jars="]
    done = cluster.succeed(spark, "cluster", JOBS / "pi.py", "4", options=options)
    assert done.answer == expected("pi.py", "4")


def test_dynamic_allocation_with_shuffle_tracking(cluster, spark35):
    options = [
        "spark.dynamicAllocation.enabled=true",
        "spark.dynamicAllocation.shuffleTracking.enabled=true",
        "spark.dynamicAllocation.shuffleTracking.timeout=2s",
        "spark.dynamicAllocation.minExecutors=0",
        "spark.dynamicAllocation.initialExecutors=1",
        "spark.dynamicAllocation.maxExecutors=4",
        "spark.dynamicAllocation.executorIdleTimeout=2s",
        "spark.dynamicAllocation.schedulerBacklogTimeout=1s",
        "spark.executor.instances=1",
    ]
    done = cluster.succeed(spark35, "client", JOBS / "elastic.py", options=options)
    assert done.answer["counted"] == {"0": 14, "1": 13, "2": 13}
    assert done.answer["most"] > 1, "no executor was added under load"
    assert done.answer["least"] <= 1, "idle executors were not given back"


def test_two_applications_that_together_want_more_than_there_is(cluster, spark35, expected):
    """The second waits, or gets fewer executors, and both end with the right answer."""
    options = ["--executor-memory", "1g", "--num-executors", "3"]
    running = [cluster.start_submit(spark35, "client", JOBS / "pi.py", "4", options=options) for _ in range(2)]
    ended = [cluster.finish(process) for process in running]
    for done in ended:
        assert done.code == 0, done.log[-4000:]
        assert done.answer == expected("pi.py", "4")
        cluster.assert_clean(done.application)


def test_spark_ui_opens_through_the_proxy(cluster, spark35):
    enough = cluster.folder / "enough-of-the-proxy"
    process = cluster.start_submit(spark35, "client", JOBS / "slow.py", "300", "0.05", enough)
    application = wait_until(lambda: cluster.newest_running(), 60, "an application that runs")
    tracking = wait_until(lambda: cluster.report(application)["trackingUrl"], 10)

    def pages():
        # Until its pages are there, the driver says that it is starting up, or knows only some of them.
        try:
            with urllib.request.urlopen(tracking, timeout=20) as answer:
                page = answer.read().decode()
                return "starting up" not in page and (answer.url, page)
        except urllib.error.HTTPError as error:
            assert error.code in (404, 502, 503), error
            return None

    address, page = wait_until(pages, 60, "Spark's own pages")
    assert address == f"{tracking}jobs/", "Spark's redirect led away from the proxy"
    assert "Stages" in page and f'href="/proxy/{application}/' in page, page[:500]
    enough.touch()
    assert cluster.finish(process).code == 0
    cluster.assert_clean(application)


def test_environment_of_root_is_said(cluster):
    if os.geteuid() == 0:
        assert "run-containers-as-root" in (cluster.conf / "yarn-site.xml").read_text()
