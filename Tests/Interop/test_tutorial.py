"""Documentation/TUTORIAL.md, as it stands there: its package is built, and run in every way that it shows."""

import os

import pytest

from cluster import ROOT, heddle_program
from documents import blocks, run_script


@pytest.mark.full
def test_the_tutorial_does_what_it_says(tmp_path):
    (tmp_path / "heddle").symlink_to(ROOT)
    text = (ROOT / "Documentation" / "TUTORIAL.md").read_text()
    (expected,) = blocks(text, "console")
    environment = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "TMPDIR", "USER")} | {
        "PATH": f"{heddle_program().parent}:{os.environ['PATH']}"
    }
    code, output = run_script("".join(blocks(text, "sh")), tmp_path, environment, 3600)
    assert code == 0, output[-6000:]
    # In local mode and in client mode; in cluster mode the driver's log has it.
    assert output.count(expected) == 2, output[-6000:]
    assert "words" in output.split(expected)[-1] and "SUCCEEDED" in output.split(expected)[-1]
