"""Which of several disks a NodeManager puts resources on: small ones of memory, with different room."""

import os
import subprocess

import pytest

from cluster import heddle_program, wait_until
from daemons import Daemons
from resources import submit


class Disk:
    def __init__(self, folder, mebibytes):
        self.folder = folder
        folder.mkdir()
        options = f"size={mebibytes}m,mode=755"
        # This needs root, which CI has.
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)

    @property
    def room(self) -> int:
        space = os.statvfs(self.folder)
        return space.f_bavail * space.f_frsize

    def fill(self, but_for=0):
        with open(self.folder / "filler", "ab") as filler:
            filler.write(bytes(max(0, self.room - but_for)))

    def empty(self):
        (self.folder / "filler").unlink()

    def names(self) -> set:
        """Of PUBLIC resources."""
        return {path.name for path in self.folder.glob("filecache/*/*")}


@pytest.fixture
def disks(tmp_path):
    made = []
    try:
        for name, mebibytes in (("small", 40), ("large", 80)):
            made.append(Disk(tmp_path / name, mebibytes))
        yield made
    finally:
        for disk in made:
            subprocess.run(["umount", "-l", disk.folder], check=True)


@pytest.fixture
def daemons(disks, tmp_path):
    made = Daemons(tmp_path)
    made.set(
        **{
            "yarn.nodemanager.local-dirs": ",".join(str(disk.folder) for disk in disks),
            "yarn.nodemanager.disk-health-checker.enable": "true",
            "yarn.nodemanager.disk-health-checker.interval-ms": "100",
        }
    )
    made.start_both()
    yield made
    made.close()


def localize(daemons, gate, name, size=1_000_000):
    """A PUBLIC resource of a container, which has it whole."""
    gate.files[name] = os.urandom(size)
    application = submit(daemons, {"got": (gate.url(name), "FILE", "PUBLIC")}, "stat -L -c %s got > <LOG_DIR>/size")
    daemons.wait_for_end(application)
    assert (daemons.log_folder(application) / "size").read_text().strip() == str(size)


def node(daemons) -> dict:
    return daemons.get("webapp", "/ws/v1/cluster/nodes")["nodes"]["node"][0]


def wait_for_health(daemons, state, *texts):
    def is_there():
        seen = node(daemons)
        return seen["state"] == state and all(text in seen["healthReport"] for text in texts)

    wait_until(is_there, 60, f"the node to be {state} with {texts}")


def until_it_goes_to(disk, daemons, gate, name):
    """The disks are measured now and then: until then a resource goes by what was known before."""

    def goes():
        goes.tries += 1
        localize(daemons, gate, f"{name}{goes.tries}")
        return f"{name}{goes.tries}" in disk.names()

    goes.tries = 0
    wait_until(goes, 60, f"resources to go to {disk.folder}")


def test_a_resource_goes_to_the_disk_with_the_most_room_at_that_time(daemons, disks, gate):
    small, large = disks
    for number in range(4):
        localize(daemons, gate, f"first{number}")
    assert large.names() == {f"first{number}" for number in range(4)} and small.names() == set()
    # Not full, but with less room than the other one now.
    large.fill(but_for=20 << 20)
    until_it_goes_to(small, daemons, gate, "second")
    for number in range(4):
        localize(daemons, gate, f"third{number}")
    assert {f"third{number}" for number in range(4)} <= small.names()
    large.empty()
    until_it_goes_to(large, daemons, gate, "fourth")


def test_with_one_disk_full_the_other_is_used_and_with_all_full_the_node_says_so_and_waits(daemons, disks, gate):
    small, large = disks

    def full(disk):
        return f"{disk.folder} : used space above threshold of 90.0%"

    large.fill()
    wait_for_health(daemons, "RUNNING", "1/2 local-dirs", full(large))
    for number in range(3):
        localize(daemons, gate, f"one{number}")
    assert small.names() == {f"one{number}" for number in range(3)} and large.names() == set()
    small.fill()
    wait_for_health(daemons, "UNHEALTHY", "2/2 local-dirs", full(small), full(large))
    listed = subprocess.run(
        [heddle_program(), "node", "-config", daemons.conf, "-list", "-states", "UNHEALTHY", "-showDetails"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert listed.returncode == 0 and "Total Nodes:1" in listed.stdout, listed.stdout + listed.stderr
    gate.files["later"] = b"later"
    application = submit(daemons, {"got": (gate.url("later"), "FILE", "PUBLIC")}, "cat got > <LOG_DIR>/got")
    diagnostics = daemons.report(application)["diagnostics"]
    assert daemons.report(application)["state"] == "ACCEPTED", diagnostics
    large.empty()
    wait_for_health(daemons, "RUNNING", "1/2 local-dirs", full(small))
    daemons.wait_for_end(application)
    assert (daemons.log_folder(application) / "got").read_text() == "later"
    assert large.names() == {"later"}
