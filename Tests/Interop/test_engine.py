"""Swift programs on the cluster: `heddle submit` in client and in cluster mode, executors in containers, and what happens
when any of the processes ends. No JVM takes part."""

import http.client
import io
import json
import os
import re
import signal
import subprocess
import tarfile
import urllib.request

import pytest

from cluster import heddle_program, wait_until
from engine import PROGRAM, answer, application_of, executors, finish, local, masters, running, start
from history import HistoryServer
from machines import Machines


def refused(process):
    output, errors = process.communicate(timeout=60)
    return process.returncode, output, errors


@pytest.mark.parametrize("mode", ["client", "cluster"])
@pytest.mark.parametrize("job", ["large", "join"])
def test_a_program_gives_on_the_cluster_what_it_gives_locally(cluster, mode, job):
    code, output, errors, application = finish(start(cluster, mode, job))
    assert code == 0, errors
    assert answer(cluster, mode, application, output) == local(cluster, job)
    report = cluster.wait_for(application, "FINISHED")
    assert report["finalStatus"] == "SUCCEEDED" and report["applicationType"] == "HEDDLE"
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_every_operation_gives_on_the_cluster_what_it_gives_locally(cluster, mode, tmp_path):
    code, output, errors, application = finish(start(cluster, mode, "operations", tmp_path / "there"))
    assert code == 0, errors
    ours, theirs = local(cluster, "operations", tmp_path / "here"), answer(cluster, mode, application, output)
    assert len(ours.splitlines()) > 80
    assert theirs.splitlines() == ours.splitlines()
    cluster.wait_for(application, "FINISHED")
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_failing_program_says_why(cluster, mode):
    code, output, errors, application = finish(start(cluster, mode, "trap", options=["--name", "trapper"]))
    said = output if mode == "client" else errors
    assert code == 1
    assert "task 3 of stage 0 (sum at Jobs.swift:" in said and "failed 4 times" in said, output + errors
    assert "Fatal error: Index out of range" in said
    report = cluster.wait_for(application, "FINISHED")
    assert (report["finalStatus"], report["name"]) == ("FAILED", "trapper")
    assert "Index out of range" in report["diagnostics"]
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode,job", [("client", "die-in-reduce"), ("cluster", "die-in-map")])
def test_a_job_survives_a_killed_executor(cluster, tmp_path, mode, job):
    marker = tmp_path / "marker"
    code, output, errors, application = finish(start(cluster, mode, job, marker))
    assert code == 0, errors
    assert marker.exists(), "nobody died"
    assert answer(cluster, mode, application, output) == local(cluster, "die-in-map", "")
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_executors_come_with_work_and_go_without(cluster, tmp_path, mode):
    more = tmp_path / "more"
    prefix = "spark.dynamicAllocation"
    options = [f"{prefix}.enabled=true", f"{prefix}.minExecutors=1", f"{prefix}.maxExecutors=3"]
    options += [f"{prefix}.schedulerBacklogTimeout=100ms", f"{prefix}.executorIdleTimeout=1s"]
    options = [word for option in options for word in ("--conf", option)]
    process = start(cluster, mode, "waves", 120, more, options=options)
    application = application_of(cluster, process)
    wait_until(lambda: len(executors(cluster, application)) == 3, 30, "three executors")
    wait_until(lambda: len(executors(cluster, application)) == 1, 60, "the end of those that have nothing to do")
    more.touch()
    wait_until(lambda: len(executors(cluster, application)) == 3, 30, "three executors again")
    code, output, errors, _ = finish(process)
    assert code == 0, errors
    assert answer(cluster, mode, application, output) == f"{120 * 119 // 2}\n" * 2
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode,service", [("client", True), ("cluster", True), ("client", False)])
def test_what_executors_wrote_is_there_when_they_have_gone(cluster, tmp_path, mode, service):
    """Their NodeManagers serve it. Where they do not, executors stay for it (spark.dynamicAllocation.shuffleTracking.timeout)
    and it is computed again."""
    more, runs, total = tmp_path / "more", tmp_path / "runs", sum(range(10_000))
    runs.mkdir()
    prefix = "spark.dynamicAllocation"
    options = [f"{prefix}.enabled=true", f"{prefix}.minExecutors=0", f"{prefix}.maxExecutors=2"]
    options += [f"{prefix}.executorIdleTimeout=500ms", f"{prefix}.schedulerBacklogTimeout=100ms"]
    options += [f"spark.shuffle.service.enabled={str(service).lower()}"]
    options += [] if service else [f"{prefix}.shuffleTracking.timeout=1s"]
    options = [word for option in options for word in ("--conf", option)]
    process = start(cluster, mode, "shuffle-twice", runs, more, options=options)
    application = application_of(cluster, process)
    wait_until(lambda: len(list(runs.iterdir())) == 4, 60, "the map tasks")
    wait_until(lambda: not executors(cluster, application), 60, "the end of the executors")
    more.touch()
    code, output, errors, _ = finish(process)
    assert code == 0, errors
    assert answer(cluster, mode, application, output) == f"{total}\n" * 2
    assert len(list(runs.iterdir())) == 4 if service else len(list(runs.iterdir())) > 4
    cluster.assert_clean(application)


def test_files_and_properties_reach_executors(cluster, tmp_path):
    shipped = tmp_path / "some.txt"
    shipped.write_text("hello")
    (tmp_path / "p.conf").write_text("spark.executor.instances 3\nspark.app.name from-file\n")
    options = ["--files", f"{shipped}#shipped.txt", "--properties-file", tmp_path / "p.conf", "--executor-cores", "2"]
    code, output, errors, application = finish(start(cluster, "client", "files", options=options))
    assert (code, output) == (0, "[5, 5, 5, 5]\n"), errors
    assert cluster.report(application)["name"] == "from-file"
    # A short program may be over before its third executor is there.
    process = start(cluster, "client", "idle", options=options)
    application = application_of(cluster, process)
    wait_until(lambda: len(executors(cluster, application)) == 3, 30, "three executors")
    process.kill()
    process.communicate(timeout=60)
    cluster.wait_for(application, "FINISHED")


@pytest.mark.parametrize("mode", ["client", "cluster", "local[2]", "local-cluster[2,1,512]"])
def test_tasks_find_files_and_archives_wherever_they_run(cluster, tmp_path, mode):
    (tmp_path / "some.txt").write_text("hello")
    with tarfile.open(tmp_path / "many.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("folder/inside.txt")
        member.size = 6
        archive.addfile(member, io.BytesIO(b"within"))
    options = ["--files", f"{tmp_path}/some.txt#shipped.txt", "--archives", f"{tmp_path}/many.tgz#packed"]
    for job, expected in (("files", "[5, 5, 5, 5]\n"), ("archive", '["within", "within", "within", "within"]\n')):
        if mode.startswith("local"):
            assert local(cluster, job, master=mode, options=options) == expected
        else:
            code, output, errors, application = finish(start(cluster, mode, job, options=options))
            assert code == 0, errors
            assert answer(cluster, mode, application, output) == expected


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_pools_come_from_sparks_file(cluster, tmp_path, mode):
    """A short job does not wait for a long one; what is wrong in the file is told."""
    pools = tmp_path / "pools.xml"
    pools.write_text('<allocations><pool name="short"><minShare>2</minShare></pool></allocations>')
    options = ["--conf", "spark.scheduler.mode=FAIR", "--files", pools]
    options += ["--conf", f"spark.scheduler.allocation.file={pools if mode == 'client' else 'pools.xml'}"]
    code, output, errors, application = finish(start(cluster, mode, "pools", tmp_path / "begun", options=options))
    assert code == 0, errors
    assert answer(cluster, mode, application, output) == "1 true\n"
    pools.write_text('<allocations><pool name="short"><weight>none</weight></pool></allocations>')
    process = start(cluster, mode, "pools", tmp_path / "begun", options=options)
    output, errors = process.communicate(timeout=60)
    if mode == "cluster":
        output = cluster.driver_output(re.search(r"application_\d+_\d+", errors).group())
    assert process.returncode == 1
    assert "pools.xml says weight none of pool short" in output, errors
    cluster.assert_clean(application)


def test_a_driver_that_is_killed_takes_its_application_along(cluster):
    process, application = running(cluster, "client", "idle")
    process.kill()
    report = cluster.wait_for(application, "FINISHED", "FAILED", seconds=30)
    assert report["finalStatus"] == "FAILED" and "the driver is gone" in report["diagnostics"]
    cluster.assert_clean(application)


def test_the_end_of_the_application_master_ends_the_driver(cluster):
    process, application = running(cluster, "client", "slow", "100000")
    for pid in masters(cluster, application):
        os.kill(pid, signal.SIGKILL)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"application {application} ended (FAILED)" in output, output + errors
    cluster.assert_clean(application)


def test_a_killed_driver_in_the_cluster_is_tried_again(cluster):
    process, application = running(cluster, "cluster", "slow", "200")
    first = masters(cluster, application)
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    code, _, errors, _ = finish(process)
    assert code == 0, errors
    assert "19900" in cluster.driver_output(application, attempt=2)
    cluster.assert_clean(application)


def test_a_killed_application_ends_its_driver(cluster):
    process, application = running(cluster, "client", "slow", "100000")
    run = cluster.heddle("submit", "--kill", application)
    assert (run.returncode, run.stdout) == (0, f"Killing application {application}\n"), run.stderr
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 1 and "(KILLED)" in output, output + errors
    cluster.assert_clean(application)
    status = cluster.heddle("submit", "--status", application).stdout
    assert "State : KILLED" in status and "Final-State : KILLED" in status
    unknown = cluster.heddle("submit", "--kill", "application_1_0001")
    assert unknown.returncode == 255 and "doesn't exist in RM" in unknown.stdout


def test_a_program_goes_on_over_a_killed_resourcemanager(make_cluster):
    cluster = make_cluster()
    process, application = running(cluster, "cluster", "slow", "300")
    cluster.kill("resourcemanager")
    cluster.up()
    code, _, errors, _ = finish(process)
    assert code == 0, errors
    assert "44850" in cluster.driver_output(application)


def test_what_a_driver_printed_is_there_before_its_application_is_over(cluster):
    """A ResourceManager that stands still hears of the end late; the output does not wait for that."""
    process, application = running(cluster, "cluster", "slow", "40")
    manager = cluster.process("resourcemanager")
    os.kill(manager, signal.SIGSTOP)
    try:
        wait_until(lambda: cluster.driver_output(application) == "780\n", 30, "what the driver printed")
    finally:
        os.kill(manager, signal.SIGCONT)
    code, _, errors, _ = finish(process)
    assert code == 0, errors


def test_what_cannot_run_is_refused_before_anything_is_started(cluster):
    known = {application["id"] for application in cluster.applications()}
    cases = [
        (["--executor-memory", "100g", PROGRAM, "-", "join"], "an executor needs 112640 MiB (spark.executor.memory"),
        (["--executor-memory", "much", PROGRAM, "-", "join"], "spark.executor.memory=much is no size"),
        (["--queue", "nowhere", PROGRAM, "-", "join"], "nowhere"),
        ([cluster.folder / "nothing", "-"], "does not exist"),
        ([cluster.conf / "core-site.xml"], "is not executable"),
    ]
    for words, text in cases:
        run = cluster.heddle("submit", "--master", "yarn", "--deploy-mode", "cluster", *words)
        assert run.returncode == 1 and text in run.stderr, run.stderr
    for master, text in [("spark://h:7077", "spark:// is not built yet"), ("nonsense", "--master is nonsense; accepted:")]:
        run = cluster.heddle("submit", "--master", master, PROGRAM)
        assert run.returncode == 1 and text in run.stderr, run.stderr
    # What the ResourceManager itself refused is on its list, and never ran.
    assert {a["state"] for a in cluster.applications() if a["id"] not in known} <= {"FAILED"}


def test_a_resourcemanager_that_is_not_there_is_named(cluster, tmp_path):
    (tmp_path / "yarn-site.xml").write_text(
        "<configuration><property><name>yarn.resourcemanager.address</name><value>127.0.0.1:1</value></property>"
        "<property><name>ipc.client.connect.max.retries</name><value>0</value></property></configuration>"
    )
    for mode in ("client", "cluster"):
        words = [heddle_program(), "submit", "--master", "yarn", "--deploy-mode", mode, PROGRAM, "-", "join"]
        run = subprocess.run(
            [str(w) for w in words],
            env=cluster.environment() | {"HADOOP_CONF_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        said = run.stdout + run.stderr
        assert run.returncode == 1 and "127.0.0.1:1" in said and "yarn.resourcemanager.address" in said, said
        assert "yarn-site.xml" in said


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_machines_that_share_nothing_fetch_the_program(tmp_path_factory, mode):
    folder = tmp_path_factory.mktemp("machines")
    machines = Machines(folder)
    try:
        machines.up()
        code, output, errors, application = finish(start(machines, mode, "join"))
        assert code == 0, errors
        assert answer(machines, mode, application, output) == local(machines, "join")
        machines.wait_for(application, "FINISHED")
        machines.assert_clean(application)
        # Also where nobody waits for the end.
        options = ["--conf", "spark.yarn.submit.waitAppCompletion=false"]
        if mode == "cluster":
            code, output, errors, application = finish(start(machines, mode, "join", options=options))
            assert code == 0, errors
            machines.wait_for(application, "FINISHED")
            machines.assert_clean(application)
        # What a submission that is refused has copied goes with it.
        code, output, errors = refused(start(machines, mode, "join", options=["--queue", "nowhere"]))
        assert code == 1 and "nowhere" in output + errors
        staged = lambda: json.loads(machines.files.call("GET", "/user/root/.sparkStaging?op=LISTSTATUS")[1])
        wait_until(lambda: staged()["FileStatuses"]["FileStatus"] == [], 20, "the removal of what was staged")
    finally:
        machines.down()


@pytest.mark.parametrize("version", ["3.5", pytest.param("4.0", marks=pytest.mark.full)])
def test_sparks_history_server_shows_applications(cluster, sparks, tmp_path, version):
    """The event log in Spark's form, of a job that lost an executor and of one that failed, read by Spark itself."""
    events = tmp_path / "events"
    events.mkdir()
    options = ["--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={events}", "--name", "shown"]
    # What a killed map task was to write is missed until its executor's end is known: that is in the log.
    code, _, errors, good = finish(start(cluster, "client", "die-in-map", tmp_path / "marker", options=options))
    assert code == 0, errors
    code, _, errors, bad = finish(start(cluster, "cluster", "trap", options=options))
    assert code == 1, errors
    # In cluster mode an attempt has a log of its own.
    assert sorted(path.name for path in events.iterdir()) == sorted([good, f"{bad}_1"])
    with HistoryServer(sparks[version], f"file://{events}", cluster.conf, tmp_path) as history:
        read = lambda path: json.loads(history.get(f"/api/v1/applications{path}") or "null")
        wait_until(lambda: len(read("") or []) == 2, 60, "both applications")
        assert {(a["id"], a["name"], a["attempts"][0]["completed"]) for a in read("")} == {
            (good, "shown", True),
            (bad, "shown", True),
        }
        (job,) = read(f"/{good}/jobs")
        assert job["status"] == "SUCCEEDED" and job["name"].startswith("collect at Jobs.swift:")
        assert job["numFailedTasks"] > 0, "an executor was lost"
        stages = read(f"/{good}/stages")
        assert {stage["status"] for stage in stages} >= {"COMPLETE"}
        assert any(stage["shuffleWriteBytes"] > 0 for stage in stages)
        assert any(stage["shuffleReadBytes"] > 0 for stage in stages)
        lost = [e for e in read(f"/{good}/allexecutors") if not e["isActive"]]
        assert lost and "removeReason" in lost[0] and lost[0]["activeTasks"] == 0
        (job,) = read(f"/{bad}/1/jobs")
        assert job["status"] == "FAILED"
        (stage,) = read(f"/{bad}/1/stages")
        assert "Fatal error: Index out of range" in stage["failureReason"]
        for page in ("jobs/", "stages/", "storage/", "environment/", "executors/", "jobs/job/?id=0", "stages/stage/?id=0&attempt=0"):
            assert "Jobs.swift" in history.get(f"/history/{good}/{page}") or page in ("storage/", "environment/", "executors/")


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_running_application_shows_what_sparks_history_server_shows_of_it_later(cluster, spark35, tmp_path, mode):
    """Its pages and its part of Spark's REST API, through the ResourceManager's proxy; then the same read by Spark."""
    events, more = tmp_path / "events", tmp_path / "more"
    events.mkdir()
    options = ["--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={events}", "--name", "shown"]
    options += ["--conf", "spark.yarn.historyServer.address=history.example:18080"]
    process = start(cluster, mode, "waves", 8, more, options=options)
    application = application_of(cluster, process)

    def live(path):
        with urllib.request.urlopen(f"{cluster.web_address()}/proxy/{application}/{path}", timeout=10) as answer:
            return answer.read().decode()

    def jobs():
        try:
            return json.loads(live(f"api/v1/applications/{application}/jobs"))
        except OSError:
            return []

    (job,) = wait_until(lambda: [j for j in jobs() if j["status"] == "SUCCEEDED"], 60, "the first job")
    stages = json.loads(live(f"api/v1/applications/{application}/stages"))
    workers = json.loads(live(f"api/v1/applications/{application}/executors"))
    (listed,) = json.loads(live("api/v1/applications"))
    assert (listed["id"], listed["name"], listed["attempts"][0]["completed"]) == (application, "shown", False)
    assert listed["attempts"][0].get("attemptId") == (None if mode == "client" else "1")
    if mode == "cluster":
        assert json.loads(live(f"api/v1/applications/{application}/1/jobs"))[0]["jobId"] == job["jobId"]
    for page, text in [("", "sum at Jobs.swift"), ("jobs/", "8/8"), ("jobs/0", "SUCCEEDED"), ("stages/", "COMPLETE"), ("executors/", "active")]:
        assert text in live(page), live(page)
    tracking = cluster.rest(f"/apps/{application}")["app"]["trackingUrl"]
    assert tracking.startswith(f"{cluster.web_address()}/proxy/{application}"), tracking
    more.touch()
    code, output, errors, _ = finish(process)
    assert code == 0, errors
    assert errors.count(f"Tracking URL: {tracking}\n") == errors.count("Tracking URL: ") == 1, errors
    cluster.wait_for(application, "FINISHED")
    log = application if mode == "client" else f"{application}/1"
    ended = http.client.HTTPConnection(cluster.web_address().removeprefix("http://"), timeout=10)
    ended.request("GET", f"/proxy/{application}/")
    assert ended.getresponse().getheader("Location", "").startswith(f"http://history.example:18080/history/{log}")
    with HistoryServer(spark35, f"file://{events}", cluster.conf, tmp_path) as history:
        read = lambda path: json.loads(history.get(f"/api/v1/applications/{log}{path}") or "null")
        wait_until(lambda: read("/jobs"), 60, "the application")
        their_job = next(j for j in read("/jobs") if j["jobId"] == job["jobId"])
        their_stage = next(s for s in read("/stages") if s["stageId"] == stages[0]["stageId"])
        for ours, theirs in ((job, their_job), (stages[0], their_stage)):
            for name, value in ours.items():
                # Times differ by the rounding of milliseconds.
                assert name in theirs and (name.endswith("Time") or theirs[name] == value), name
        theirs = {executor["id"]: executor for executor in read("/allexecutors")}
        for executor in workers:
            for name in ("id", "totalCores", "maxTasks", "failedTasks"):
                assert theirs[executor["id"]][name] == executor[name], name
    cluster.assert_clean(application)


def test_an_event_log_goes_to_the_staging_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("machines")
    machines = Machines(folder)
    try:
        machines.up()
        machines.files.call("PUT", "/events?op=MKDIRS")
        options = ["--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={machines.files.uri}/events"]
        code, _, errors, application = finish(start(machines, "cluster", "join", options=options))
        assert code == 0, errors
        status, body = machines.files.call("GET", "/events?op=LISTSTATUS")
        assert status == 200 and [f["pathSuffix"] for f in json.loads(body)["FileStatuses"]["FileStatus"]] == [
            f"{application}_1"
        ]
    finally:
        machines.down()


def test_a_driver_that_waits_for_its_application_is_told_why(make_cluster):
    """A full cluster: the first ApplicationMaster leaves no room for a second."""
    cluster = make_cluster(nodes=1, memory="1g")
    first = start(cluster, "client", "idle")
    holder = wait_until(lambda: cluster.newest_running(), 30, "the first application")
    second = start(cluster, "client", "idle")
    waiting = wait_until(lambda: (new := cluster.newest()) != holder and new, 30, "the second application")
    line = "".join(second.stderr.readline() for _ in range(3))
    assert f"Application {waiting} has not begun yet: " in line, line
    for application, process in ((waiting, second), (holder, first)):
        assert cluster.heddle("submit", "--kill", application).returncode == 0
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 1, output + errors
