"""Runs programs written with the library `Heddle` on a cluster, and finds their processes."""

import re
import subprocess

from cluster import heddle_program, processes, wait_until

PROGRAM = heddle_program().parent / "EngineProgram"


def start(cluster, mode, *job, options=()):
    """`heddle submit`, with its standard error in the output of the process."""
    earlier = cluster.newest() or ""
    words = [heddle_program(), "submit", "--master", "yarn", "--deploy-mode", mode, "--executor-memory", "256m"]
    words += ["--conf", "spark.executor.memoryOverhead=64m", "--conf", "spark.driver.memory=256m"]
    process = subprocess.Popen(
        [str(word) for word in [*words, *options, PROGRAM, "-", *job]],
        env=cluster.environment(),
        cwd=cluster.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.earlier = earlier
    return process


def application_of(cluster, process):
    """The id of the application that it has started, once that runs; the one before it may not have ended quite."""

    def newest():
        found = cluster.newest_running() or ""
        return found if found > process.earlier else None

    return wait_until(newest, 30, "the application")


def finish(process, timeout=120):
    output, errors = process.communicate(timeout=timeout)
    return process.returncode, output, errors, re.search(r"application_\d+_\d+", errors or "").group()


def answer(cluster, mode, application, output):
    return output if mode == "client" else cluster.driver_output(application)


def local(cluster, *job, master="local[2]", options=()):
    words = [heddle_program(), "submit", "--master", master, *options, PROGRAM, "-", *job]
    run = subprocess.run([str(w) for w in words], env=cluster.environment(), capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def engine_processes(cluster, application, variable):
    """pids of an application's processes whose environment has the variable."""
    return [
        pid
        for pid, (words, environment) in processes().items()
        if words and words[0].endswith("EngineProgram")
        and any(application in e for e in environment)
        and any(e.startswith(variable) for e in environment)
    ]


def executors(cluster, application):
    return engine_processes(cluster, application, "HEDDLE_EXECUTOR_ID=")


def masters(cluster, application):
    return engine_processes(cluster, application, "HEDDLE_ROLE=")


def running(cluster, mode, *job, executors_wanted=2, options=()):
    process = start(cluster, mode, *job, options=options)
    application = application_of(cluster, process)
    wait_until(lambda: len(executors(cluster, application)) == executors_wanted, 30, "the executors")
    return process, application
