"""The README's example of two nodes without a shared disk, as it stands there."""

import os
import re

import pytest

from cluster import ROOT, heddle_program, java_home
from documents import blocks, run_script

SECTION = "### Two nodes without a shared disk"


def section() -> str:
    return (ROOT / "README.md").read_text().split(SECTION)[1].split("\n### ")[0].split("\n## ")[0]


def masked(text: str) -> str:
    """Without what differs from run to run: ids, addresses, which node ran a task, names and sizes of files."""
    text = re.sub(r"(application|container)_[0-9_]+", r"\1_N", text)
    text = re.sub(r"127\.0\.0\.[23]([:_]\d+)?", "NODE", text)
    return re.sub(r"(LogLength|LogLastModifiedTime|LogUploadTime):.*", r"\1:", text)


@pytest.mark.full
def test_two_nodes_without_a_shared_disk_do_what_the_readme_says(spark35, tmp_path):
    script = "".join(blocks(section(), "sh"))
    if os.geteuid() == 0:
        row = "<property><name>heddle.security.run-containers-as-root</name><value>true</value></property>\n"
        script = script.replace("</configuration>\nXML\ndone", row + "</configuration>\nXML\ndone")
    # By hand nobody is as fast as the upload of the logs.
    script = re.sub(r"^(heddle logs .*)$", r"until \1 2>/dev/null; do sleep 0.2; done", script, flags=re.M)
    places = [heddle_program().parent, spark35.python.parent, f"{java_home()}/bin", os.environ["PATH"]]
    environment = {k: v for k, v in os.environ.items() if k in ("HOME", "LANG", "TMPDIR") or k.startswith("PIP_")} | {
        "JAVA_HOME": java_home(),
        "PATH": ":".join(map(str, places)),
        "USER": "root" if os.geteuid() == 0 else os.environ.get("USER", ""),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    code, output = run_script(script, tmp_path, environment, 600, errors=None)
    log = tmp_path / "two-nodes" / "submit.log"
    assert code == 0, output + (log.read_text()[-4000:] if log.exists() else "")
    assert masked(output).split() == masked("".join(blocks(section(), "console"))).split()
