"""Documentation/TUTORIAL.md, as it stands there: its package is built, and run in every way that it shows."""

import os
import re
import signal
import subprocess

import pytest

from cluster import ROOT, heddle_program, processes


def blocks(kind: str) -> list:
    return re.findall(rf"^```{kind}\n(.*?)^```", (ROOT / "Documentation" / "TUTORIAL.md").read_text(), re.M | re.S)


@pytest.mark.full
def test_the_tutorial_does_what_it_says(tmp_path):
    (tmp_path / "heddle").symlink_to(ROOT)
    script = "".join(blocks("sh"))
    (expected,) = blocks("console")
    environment = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "TMPDIR", "USER")} | {
        "PATH": f"{heddle_program().parent}:{os.environ['PATH']}"
    }
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "start_new_session": True}
    process = subprocess.Popen(["bash", "-eu", "-c", script], env=environment, cwd=tmp_path, **options)
    try:
        output, _ = process.communicate(timeout=3600)
        assert process.returncode == 0, output[-6000:]
        # In local mode and in client mode; in cluster mode the driver's log has it.
        assert output.count(expected) == 2, output[-6000:]
        assert "words" in output.split(expected)[-1] and "SUCCEEDED" in output.split(expected)[-1]
    finally:
        for pid, (words, _) in processes().items():
            if any(str(tmp_path) in word for word in words) or (process.poll() is None and pid == process.pid):
                os.kill(pid, signal.SIGKILL)
