"""The README's second command, as it stands there."""

import os
import subprocess

import pytest

from cluster import ROOT, java_home


@pytest.mark.full
def test_quickstart_prints_the_right_answer_twice():
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")} | {"JAVA_HOME": java_home()}
    run = subprocess.run(
        [str(ROOT / "scripts" / "quickstart.sh")], env=environment, capture_output=True, text=True, timeout=1800
    )
    assert run.returncode == 0, run.stderr[-4000:]
    assert run.stdout.count("flights: 336776") == 2
    assert run.stdout.count("origin EWR: 120835 flights") == 2
