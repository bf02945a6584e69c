"""What `heddle submit` itself does: whom it hands a resource over to, what it checks, what it prints, its exit codes."""

import os
import subprocess

import pytest

from cluster import heddle_program


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
