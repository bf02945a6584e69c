"""The README's second command, as it stands there."""

import os
import subprocess

import pytest

from cluster import ROOT, java_home

# Each may build a release first.
BUILD = 3600


def quickstart(*options, **environment):
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")}
    run = subprocess.run(
        [str(ROOT / "scripts" / "quickstart.sh"), *options],
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=BUILD,
    )
    assert run.returncode == 0, run.stderr[-4000:]
    return run.stdout


@pytest.mark.full
def test_quickstart_prints_the_report():
    lines = quickstart().splitlines()
    assert lines[lines.index("top routes") + 1] == "JFK-LAX\t11262"
    assert "SUCCEEDED" in lines[-1]


@pytest.mark.full
def test_quickstart_with_spark_prints_the_right_answer_twice():
    output = quickstart("--spark", JAVA_HOME=java_home())
    assert output.count("flights: 336776") == 2
    assert output.count("origin EWR: 120835 flights") == 2


@pytest.mark.full
@pytest.mark.parametrize("master", ["local[2]", "local-cluster[2,1,512]"])
def test_a_release_refuses_closures_that_read_variables(master):
    """The compiler merges functions there that are alike, and puts others into each other."""
    build = ["swift", "build", "--package-path", ROOT, "-c", "release", "--static-swift-stdlib"]
    subprocess.run([*build, "--product", "EngineProgram"], check=True, stdout=subprocess.DEVNULL, timeout=BUILD)
    program = ROOT / ".build" / "release" / "EngineProgram"
    quiet = os.environ | {"HEDDLE_PROPERTIES": "spark.ui.showConsoleProgress=false"}
    run = subprocess.run([program, master, "variables"], env=quiet, capture_output=True, text=True, timeout=120)
    lines = run.stdout.splitlines()
    refused = {line.split()[0]: line.split(" reads ")[1].split(",")[0] for line in lines if " refused: " in line}
    variables = ("limit", "arguments", "limit", "limit", "Settings.step", "limit")
    assert refused == dict(zip(("itself", "array", "function", "called", "static", "earlier"), variables)), run.stdout
    assert lines[len(refused) :] == ["untouched 6", "computed 96", "handed 12"]


def test_an_unknown_option_is_named():
    run = subprocess.run(
        [str(ROOT / "scripts" / "quickstart.sh"), "--sparks"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1 and "unknown option --sparks" in run.stderr
