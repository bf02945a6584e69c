"""A configuration folder whose daemons scripts/yarn starts, as on the machines of an operator."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from cluster import ROOT, heddle_program, processes


def daemons(folder: Path) -> set:
    """The pids of the daemons that have their configuration, or anything else, in a folder."""
    return {
        pid
        for pid, (words, environment) in processes().items()
        if words[0].endswith("heddle") and any(str(folder) in word for word in [*words, *environment])
    }


@dataclass
class Installation:
    """A configuration folder, and the folders that the scripts write to."""

    folder: Path
    etc: Path
    extra: dict = field(default_factory=dict)

    @property
    def pids(self) -> Path:
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    def environment(self) -> dict:
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
        return keep | {
            "HEDDLE": str(heddle_program()),
            "HADOOP_CONF_DIR": str(self.etc),
            "HADOOP_PID_DIR": str(self.pids),
            "HADOOP_LOG_DIR": str(self.logs),
        } | self.extra

    def run(self, name: str, *words, timeout=60):
        return subprocess.run(
            [str(ROOT / "scripts" / name), *map(str, words)],
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def yarn(self, *words):
        return self.run("yarn", *words)
