"""What `heddle submit` itself does: whom it hands a resource over to, what it checks, what it prints, its exit codes."""

import os
import subprocess

import pytest

from cluster import heddle_program
from engine import answer, finish, start

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
