"""Documents whose shell commands are run as they stand there."""

import os
import re
import signal
import subprocess
from pathlib import Path

from cluster import processes


def blocks(text: str, kind: str) -> list:
    """The contents of its ```kind blocks."""
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.M | re.S)


def run_script(script: str, folder: Path, environment: dict, timeout: int, errors=subprocess.STDOUT):
    """Runs shell commands in a folder, up to the first that fails; returns the exit code and what they said, `errors`
    included where nothing else is wanted. Nothing of theirs is left running."""
    options = {"stdout": subprocess.PIPE, "stderr": errors, "text": True, "start_new_session": True}
    process = subprocess.Popen(["bash", "-eu", "-c", script], env=environment, cwd=folder, **options)
    try:
        output, _ = process.communicate(timeout=timeout)
        return process.returncode, output
    finally:
        for pid, (words, _) in processes().items():
            if any(str(folder) in word for word in words) or (process.poll() is None and pid == process.pid):
                os.kill(pid, signal.SIGKILL)
