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


def test_an_unknown_option_is_named():
    run = subprocess.run(
        [str(ROOT / "scripts" / "quickstart.sh"), "--sparks"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1 and "unknown option --sparks" in run.stderr
