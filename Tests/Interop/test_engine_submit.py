"""What `heddle submit` itself does: whom it hands a resource over to, what it checks, what it prints, its exit codes."""

import json
import os
import re
import subprocess

import pytest

from cluster import heddle_program, processes, wait_until
from engine import PROGRAM, answer, application_of, engine_processes, executors, finish, start
from machines import Machines
from terminal import with_terminal

EXAMPLES = heddle_program().parent / "heddle-examples"


def submit(*words, environment=None, cwd=None, timeout=60):
    """`heddle submit` without a configuration folder, unless the environment has one."""
    keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
    return subprocess.run(
        [str(heddle_program()), "submit", *map(str, words)],
        env=keep | (environment or {}),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


# Scripts and jars


def test_scripts_and_jars_go_to_sparks_own_command_as_they_are(tmp_path):
    command = tmp_path / "bin" / "spark-submit"
    command.parent.mkdir()
    command.write_text('#!/bin/sh\nfor word; do echo "[$word]"; done\nexit 37\n')
    command.chmod(0o755)
    cases = [
        ["job.py"],
        ["--py-files", "a.py,b.zip", "--master", "local[1]", "job.py", "--py-files", "x y", ""],
        ["--jars", "a.jar", "--class=C", "-c", "spark.x=y z", "--driver-java-options", "-Da=b -Dc", "app.jar", "1"],
        ["--packages", "g:a:1", "--repositories", "http://h/r", "--supervise", "--verbose", "hdfs:///lib/app.jar"],
        ["--principal", "p@R", "--keytab", "k", "--proxy-user", "u", "--driver-class-path", "./d.jar", "job.py"],
        ["--option-of-a-later-spark", "5", "job.py", "submit"],
        # Spark's to judge.
        ["-c", "spark.task.maxFailures=four", "--executor-memory", "much", "job.py"],
    ]
    for words in cases:
        run = submit(*words, environment={"SPARK_HOME": str(tmp_path)})
        assert (run.returncode, run.stderr) == (37, ""), words
        assert run.stdout == "".join(f"[{word}]\n" for word in words)


@pytest.mark.parametrize("words", [["job.py"], ["--py-files", "a.py", "job.py"], ["app.jar"]])
def test_scripts_without_spark_say_what_is_missing(tmp_path, words):
    run = submit(*words)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f"{words[-1]} needs Spark: set SPARK_HOME to its folder\n"
    run = submit(*words, environment={"SPARK_HOME": str(tmp_path)})
    assert run.returncode == 1 and f"{tmp_path}/bin/spark-submit" in run.stderr, run.stderr


def test_sparks_options_are_refused_for_programs(tmp_path):
    for words, text in [(["--py-files", "a.py"], "--py-files is spark-submit's"), (["--foo"], "Unrecognized option: --foo")]:
        run = submit(*words, heddle_program(), environment={"SPARK_HOME": str(tmp_path)})
        assert run.returncode == 1 and text in run.stderr, run.stderr


def test_a_script_of_sparks_runs(spark35, tmp_path):
    (tmp_path / "doubling.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "job.py").write_text(
        "import sys\nfrom pyspark import SparkContext\n"
        "import doubling\n"
        "context = SparkContext()\n"
        "print('ANSWER', context.parallelize(range(10), 2).map(doubling.double).sum(), *sys.argv[1:])\n"
        "sys.exit(5)\n"
    )
    environment = {"SPARK_HOME": str(spark35.home), "PYSPARK_PYTHON": str(spark35.python), "SPARK_LOCAL_IP": "127.0.0.1"}
    words = ["--master", "local[1]", "--py-files", tmp_path / "doubling.py", tmp_path / "job.py", "--jars", "x"]
    run = submit(*words, environment=environment, cwd=tmp_path, timeout=180)
    assert run.returncode == 5, run.stderr[-4000:]
    assert "ANSWER 90 --jars x\n" in run.stdout


# How programs end


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_main_that_returns_without_stopping_its_context_ends_the_application(cluster, mode):
    code, output, errors, application = finish(start(cluster, mode, "returns"))
    assert code == 0, errors
    report = cluster.wait_for(application, "FINISHED", "FAILED", "KILLED")
    assert (report["state"], report["finalStatus"]) == ("FINISHED", "SUCCEEDED")
    assert answer(cluster, mode, application, output) == "45\n"
    cluster.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_a_program_that_exits_by_itself_ends_the_application_as_failed(cluster, mode):
    """In cluster mode its last lines are told, since nobody sees its standard error."""
    code, _, errors, application = finish(start(cluster, mode, "exit", 3))
    assert code == (3 if mode == "client" else 1)
    report = cluster.wait_for(application, "FINISHED", "FAILED", "KILLED")
    assert (report["state"], report["finalStatus"]) == ("FINISHED", "FAILED")
    told = report["diagnostics"]
    assert told.startswith("the driver ended with exit code 3")
    cluster.assert_clean(application)
    if mode == "client":
        return
    assert told.endswith("\nline 4999\nthe tank is empty") and "\nline 4000\n" not in told
    assert told in errors and f"heddle logs -applicationId {application}" in errors
    assert cluster.rest(f"/apps/{application}")["app"]["diagnostics"] == told
    assert "the tank is empty" in cluster.heddle("submit", "--status", application).stdout


def test_a_driver_that_throws_outside_of_its_jobs_says_why(cluster):
    run = cluster.heddle("submit", "--master", "yarn", "--deploy-mode", "cluster", "--class", "WordCount", EXAMPLES, "/no/book")
    assert run.returncode == 1
    assert "the driver ended with exit code 1" in run.stderr and "/no/book names no file" in run.stderr, run.stderr


def test_a_driver_that_traps_says_why(cluster):
    """It ends without a word to the ResourceManager: the node tells its last lines."""
    code, _, errors, application = finish(start(cluster, "cluster", "fatal", options=["--conf", "spark.yarn.maxAppAttempts=1"]))
    assert code == 1 and "Fatal error: the tank is empty" in errors, errors
    cluster.assert_clean(application)


# Progress


def on_a_terminal(*words):
    """The exit code, the output and what a terminal sees of `heddle submit` whose standard error it is."""
    return with_terminal([heddle_program(), "submit", *words])


def test_a_terminal_sees_a_bar_that_goes_away(tmp_path):
    code, output, seen = on_a_terminal("--master", "local[2]", PROGRAM, "-", "slow", 60)
    assert (code, output) == (0, "1770\n"), seen
    drawn = [line.removesuffix("\x1b[K") for line in seen.split("\r") if line.startswith("[")]
    counts = [int(re.fullmatch(r"\[Stage 0:=*>? *\((\d+) \+ [012]\) / 60\]", line).group(1)) for line in drawn]
    assert len(set(counts)) > 2 and counts == sorted(counts), seen
    assert all(len(line) == 79 for line in drawn), drawn
    # Nothing else is written, and the line is clear at the end.
    assert seen.endswith("\r\x1b[K") and "Stage 0 (" not in seen and "\n" not in seen, seen
    quiet = ["--conf", "spark.ui.showConsoleProgress=false"]
    assert on_a_terminal("--master", "local[2]", *quiet, PROGRAM, "-", "slow", 60) == (0, "1770\n", "")


def test_elsewhere_stages_that_take_a_while_leave_a_line():
    run = submit("--master", "local[2]", PROGRAM, "-", "slow", 60)
    assert (run.returncode, run.stdout) == (0, "1770\n")
    assert re.fullmatch(r"Stage 0 \(sum at Jobs\.swift:\d+\): 60 tasks in \d+\.\d s\n", run.stderr), run.stderr
    # A loop of small jobs does not fill a log.
    run = submit("--master", "local[2]", PROGRAM, "-", "rounds", 200)
    assert run.returncode == 0 and len(run.stderr.splitlines()) < 3, run.stderr
    run = submit("--master", "local[2]", "--conf", "spark.ui.showConsoleProgress=false", PROGRAM, "-", "slow", 60)
    assert (run.returncode, run.stdout, run.stderr) == (0, "1770\n", "")


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_stages_on_the_cluster_leave_lines_too(cluster, mode):
    code, _, errors, application = finish(start(cluster, mode, "slow", 60))
    assert code == 0, errors
    said = errors if mode == "client" else cluster.driver_output(application, name="stderr")
    assert re.search(r"^Stage 0 \(sum at Jobs\.swift:\d+\): 60 tasks in \d+\.\d s$", said, re.MULTILINE), said
    cluster.assert_clean(application)


# What is checked before anything is copied


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    """A cluster with a staging server and one shared folder, whose NodeManagers have no auxiliary service."""
    machines = Machines(tmp_path_factory.mktemp("machines"), installed=[tmp_path_factory.mktemp("shared")])
    try:
        machines.up()
        yield machines
    finally:
        machines.down()


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_files_are_checked_before_anything_is_copied(machines, tmp_path, mode):
    (tmp_path / "a").mkdir()
    for name in ("f", "a/f"):
        (tmp_path / name).write_text("x")
    cases = [
        (["--files", "/no/such"], "spark.files: /no/such does not exist"),
        (["--files", f"{tmp_path}/f,{tmp_path}/nothing#f"], f"spark.files: {tmp_path}/nothing does not exist"),
        (["--archives", "/no/such.tgz#box"], "spark.archives: /no/such.tgz does not exist"),
        (["--files", tmp_path / "a"], f"{tmp_path}/a is a folder"),
        (["--files", f"{tmp_path}/f,{tmp_path}/a/f"], "two files would be called f"),
        (["--files", f"{tmp_path}/f,{machines.files.uri}/no/such"], "/no/such"),
        (["--conf", "spark.yarn.maxAppAttempts=few"], "spark.yarn.maxAppAttempts=few"),
        # Read by the driver, by executors, and by both.
        (["--conf", "spark.task.maxFailures=four"], "spark.task.maxFailures=four is no number"),
        (["--conf", "spark.memory.fraction=2"], "spark.memory.fraction=2 is no part of a whole"),
        (["--conf", "spark.log.level=LOUD"], "accepted: ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE, WARN"),
        (["--conf", "spark.scheduler.mode=LOTTERY"], "spark.scheduler.mode=LOTTERY is not known here; accepted: FIFO, FAIR"),
        (["--executor-memory", "100g"], "an executor needs"),
    ]
    for options, text in cases:
        process = start(machines, mode, "join", options=options)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 1 and text in output + errors, (options, output + errors)
    # The first file that is copied makes the folder.
    assert machines.files.call("GET", "/user/root/.sparkStaging?op=LISTSTATUS")[0] == 404
    assert machines.applications() == []


def test_files_of_one_name_do_not_become_one(machines, tmp_path):
    for name, text in (("a", "hello"), ("b", "good morning")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text(text)
    options = ["--files", f"{tmp_path}/a/f#shipped.txt,{tmp_path}/b/f#other.txt"]
    code, output, errors, application = finish(start(machines, "client", "files", options=options))
    assert (code, output) == (0, "[5, 5, 5, 5]\n"), errors
    machines.wait_for(application, "FINISHED")
    machines.assert_clean(application)


# Nodes without a service for shuffle files


def test_without_the_nodes_service_executors_stay_for_what_they_wrote(machines):
    """By themselves: nothing says so but that there is no service."""
    prefix = "spark.dynamicAllocation"
    options = [f"{prefix}.enabled=true", f"{prefix}.minExecutors=0", f"{prefix}.maxExecutors=2"]
    options += [f"{prefix}.executorIdleTimeout=500ms", f"{prefix}.schedulerBacklogTimeout=100ms"]
    options = [word for option in options for word in ("--conf", option)]
    (shared,) = machines.installed
    more, runs = shared / "more", shared / "runs"
    runs.mkdir()
    process = start(machines, "cluster", "shuffle-twice", runs, more, options=options)
    application = application_of(machines, process)
    wait_until(lambda: "\n" in machines.driver_output(application), 60, "the first sum")
    environments = processes()
    pids = executors(machines, application)
    assert pids and not any(e.startswith("NM_AUX_SERVICE_") for pid in pids for e in environments[pid][1])
    # Executors of another application, which wrote nothing, come and go meanwhile.
    other_more = shared / "more-of-another"
    other_process = start(machines, "client", "waves", 20, other_more, options=options)
    other = wait_until(lambda: (new := machines.newest_running()) != application and new, 30, "another application")
    wait_until(lambda: engine_processes(machines, other, "HEDDLE_EXECUTOR_ID="), 30, "its executors")
    wait_until(lambda: not executors(machines, other), 60, "their end")
    kept = executors(machines, application)
    assert kept and set(kept) <= set(pids)
    for file, waiting in ((other_more, other_process), (more, process)):
        file.touch()
        code, _, errors, _ = finish(waiting)
        assert code == 0, errors
    total = sum(range(10_000))
    assert machines.driver_output(application) == f"{total}\n" * 2
    assert len(list(runs.iterdir())) == 4, "map tasks ran again"
    machines.assert_clean(application)


# Flags


def parallelism(*options, environment=None):
    run = submit(*options, PROGRAM, "-", "parallelism", environment=environment)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


def test_masters_have_as_many_threads_as_they_say():
    processors = os.sysconf("SC_NPROCESSORS_ONLN")
    assert parallelism() == parallelism("--master", "local[*]") == parallelism("--master", "local[*,2]") == processors
    assert parallelism("--master", "local") == 1
    assert parallelism("--master", "local[3]") == 3


def test_a_flag_wins_over_conf_over_a_file_over_the_conf_folder(tmp_path):
    for number, name in enumerate(("hadoop", "spark"), start=3):
        (tmp_path / name).mkdir()
        (tmp_path / name / "spark-defaults.conf").write_text(f"# ours\nspark.master local[{number}]\nspark.app.name {name}\n")
    (tmp_path / "p.conf").write_text("spark.master=local[5]\n")
    environment = {"HADOOP_CONF_DIR": str(tmp_path / "hadoop")}
    assert parallelism(environment=environment) == 3
    environment["SPARK_CONF_DIR"] = str(tmp_path / "spark")
    assert parallelism(environment=environment) == 4
    options = ["--properties-file", tmp_path / "p.conf"]
    assert parallelism(*options, environment=environment) == 5
    options += ["--conf", "spark.master=local[6]"]
    assert parallelism(*options, environment=environment) == 6
    options += ["--master", "local[7]"]
    assert parallelism(*options, environment=environment) == 7
    # What it came to is told; secrets are not.
    options = ["--verbose", "--conf", "spark.hadoop.fs.s3a.secret.key=hidden", "--name", "N"]
    run = submit(*options, PROGRAM, "-", "parallelism", environment=environment)
    assert (run.returncode, run.stdout) == (0, "4\n")
    told = run.stderr.splitlines()
    assert {"master      local[4]", "deploy mode client", f"program     {PROGRAM}", "arguments   - parallelism"} <= set(told)
    assert "  spark.app.name=N" in told and "spark.hadoop.fs.s3a.secret.key" in run.stderr and "hidden" not in run.stderr
    missing = submit("--properties-file", tmp_path / "none", PROGRAM)
    assert missing.returncode == 1 and f"The properties file {tmp_path}/none cannot be read" in missing.stderr


def test_a_wrong_property_is_told_with_the_place_that_it_comes_from(tmp_path):
    """Before the program starts, and whatever would read it."""
    (tmp_path / "spark-defaults.conf").write_text("# ours\nspark.task.maxFailures four\n")
    (tmp_path / "p.conf").write_text("spark.network.timeout=soon\n")
    wrong = "spark.task.maxFailures=four is no number from 1 on; accepted: 1, 2 and so on"
    for variable in ("HADOOP_CONF_DIR", "SPARK_CONF_DIR"):
        run = submit("--master", "local[1]", PROGRAM, "-", "parallelism", environment={variable: str(tmp_path)})
        place = f"line 2 of {tmp_path}/spark-defaults.conf, which {variable} leads to"
        assert (run.returncode, run.stdout) == (1, "")
        assert run.stderr == f"{wrong} (spark.task.maxFailures is from {place})\n"
    run = submit("--properties-file", tmp_path / "p.conf", PROGRAM, "-", "parallelism")
    assert run.stderr.endswith(f"(spark.network.timeout is from line 1 of {tmp_path}/p.conf)\n"), run.stderr
    for words, name in [(["--executor-cores", "x"], "executor.cores"), (["--deploy-mode", "x"], "submit.deployMode")]:
        run = submit(*words, PROGRAM, "-", "parallelism")
        assert run.returncode == 1 and run.stderr.endswith(f"(spark.{name} is from {words[0]})\n"), run.stderr
    # Spark's own are Spark's.
    assert submit("--conf", "spark.sql.x=y", "--master", "local[1]", PROGRAM, "-", "parallelism").returncode == 0


def test_the_version_is_told():
    run = submit("--version")
    assert run.returncode == 0 and re.fullmatch(r"Heddle \d+\.\d+\.\d+\n", run.stdout), run.stdout


@pytest.mark.parametrize("master", ["local", "local[2]", "local-cluster[1,1,512]"])
def test_cluster_mode_needs_a_cluster(master):
    run = submit("--master", master, "--deploy-mode", "cluster", PROGRAM)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == f'Cluster deploy mode is not compatible with master "{master}"\n'


def test_exit_codes_are_those_of_the_program_and_of_spark_submit():
    local = ["--master", "local[1]"]
    assert submit(*local, PROGRAM, "-", "exit", 37).returncode == 37
    assert submit(*local, PROGRAM, "-", "trap").returncode < 0, "the program's own end, by a signal"
    wrong = submit(*local, "--class", "WordCount", EXAMPLES)
    assert wrong.returncode == 2 and "usage: heddle-examples WordCount INPUT" in wrong.stderr
    failed = submit(*local, "--class", "WordCount", EXAMPLES, "/no/book")
    assert failed.returncode == 1 and "/no/book names no file" in failed.stderr
    right = submit(*local, "--class", "Pi", EXAMPLES, "2")
    assert right.returncode == 0 and right.stdout.startswith("Pi is roughly 3."), right.stdout
    unknown = submit(*local, "--class", "Nothing", EXAMPLES, "/no/book")
    assert unknown.returncode == 101 and "Failed to load class Nothing." in unknown.stderr
    assert "/heddle-examples has:" in unknown.stderr and "  heddle-examples WordCount INPUT" in unknown.stderr
    assert submit(*local, "--deploy-mode", "nowhere", PROGRAM).returncode == 1


def test_a_class_that_there_is_not_is_named_in_cluster_mode_too(cluster):
    words = ["--master", "yarn", "--deploy-mode", "cluster", "--class", "Nothing", "--conf", "spark.yarn.maxAppAttempts=1"]
    run = cluster.heddle("submit", *words, EXAMPLES)
    assert run.returncode == 1 and "exitCode: 101" in run.stderr, run.stderr
    assert "Failed to load class Nothing." in run.stderr and "heddle-examples WordCount INPUT" in run.stderr


def test_cores_executors_and_the_queue_are_what_was_asked_for(cluster, tmp_path):
    more = tmp_path / "more"
    options = ["--driver-cores", 2, "--num-executors", 1, "--executor-cores", 2]
    # The flag wins.
    options += ["--conf", "spark.yarn.queue=nowhere", "--queue", "default"]
    process = start(cluster, "cluster", "waves", 4, more, options=options)
    application = application_of(cluster, process)
    wait_until(lambda: executors(cluster, application), 30, "the executor")
    app = cluster.rest(f"/apps/{application}")["app"]
    assert (app["runningContainers"], app["allocatedVCores"], app["queue"]) == (2, 4, "default")
    more.touch()
    code, _, errors, _ = finish(process)
    assert code == 0, errors
    cluster.assert_clean(application)
