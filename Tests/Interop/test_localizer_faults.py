"""A NodeManager that is killed while it localizes: what a container then gets is whole, and nothing is left over."""

import contextlib
import gzip
import hashlib
import io
import json
import os
import random
import subprocess
import tarfile
import zipfile

import pytest

from cluster import wait_until
from daemons import Daemons, resident_bytes
from resources import packed, submit

COUNT = 300


@pytest.fixture
def daemons(tmp_path):
    made = Daemons(tmp_path)
    made.settings |= {
        "yarn.nodemanager.recovery.enabled": "true",
        "yarn.nodemanager.recovery.supervised": "true",
        "heddle.transfer.streams": "1",
    }
    made.set()
    made.start_both()
    yield made
    made.close()


def archive(numbers) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for number in range(COUNT):
            content = numbers.randbytes(numbers.randrange(2000))
            entry = tarfile.TarInfo(f"folder{number % 7}/{number}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


FOUND = "(sha256sum file; cd box; find . -type f | sort | xargs sha256sum | sha256sum) > <LOG_DIR>/found"


def expected(content: bytes, packed: bytes) -> list:
    """What the container's command says of them."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        files = {f"./{e.name}": tar.extractfile(e).read() for e in tar if e.isfile()}
    lines = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return [hashlib.sha256(content).hexdigest(), hashlib.sha256(lines.encode()).hexdigest()]


@pytest.mark.parametrize("visibility", ["PUBLIC", "PRIVATE", "APPLICATION"])
def test_killed_at_random_points_it_localizes_nothing_half(daemons, gate, visibility):
    numbers = random.Random(31)
    for round_number in range(5):
        content, packed = numbers.randbytes(numbers.randrange(1, 3_000_000)), archive(numbers)
        gate.files = {f"file{round_number}": content, f"box{round_number}.tar.gz": packed}
        # In the middle of one of both, or when all of it was sent.
        stopped = numbers.choice(list(gate.files))
        gate.stops = {stopped: numbers.choice([0, numbers.randrange(len(gate.files[stopped])), len(gate.files[stopped])])}
        gate.reached.clear()
        gate.goes_on.clear()
        application = submit(
            daemons,
            {
                "file": (gate.url(f"file{round_number}"), "FILE", visibility),
                "box": (gate.url(f"box{round_number}.tar.gz"), "ARCHIVE", visibility),
            },
            FOUND,
        )
        assert gate.reached.wait(60)
        if numbers.random() < 0.3:
            # Let it come as far as its unpacked files, its rename or its record. On a machine that takes a while to look, the
            # application may have ended by then, and what belonged to it alone be gone.
            gate.goes_on.set()
            wait_until(
                lambda: any(daemons.folder.glob(f"local/**/*box{round_number}*"))
                or daemons.report(application)["state"] in ("FINISHED", "FAILED"),
                60,
                "the archive",
            )
        daemons.kill("nodemanager")
        gate.goes_on.set()
        daemons.start("nodemanager")
        found = daemons.log_folder(application) / "found"
        daemons.wait_for_end(application)
        assert [line.split()[0] for line in found.read_text().splitlines()] == expected(content, packed)
    check_nothing_is_left(daemons, visibility)


def test_an_eviction_or_a_localization_cut_off_between_disk_and_record_leaves_nothing(daemons, gate):
    """As after a crash between a folder's rename and its record, and between a record's removal and the folder's."""
    daemons.kill("nodemanager")
    local = daemons.folder / "local"
    planted = [
        "filecache/1/old", "filecache/2_tmp/.x.part", "filecache/0/8193_tmp/x", "usercache/root/filecache/1/old",
        "usercache/root/filecache/77/old", "usercache/root/appcache/application_1_0001/filecache/3/x",
    ]
    for name in planted:
        (local / name).parent.mkdir(parents=True, exist_ok=True)
        (local / name).write_text("left over")
    # What is below a link is somebody else's.
    (daemons.folder / "mine").mkdir()
    (daemons.folder / "mine/kept").write_text("kept")
    os.symlink(daemons.folder / "mine", local / "usercache/root/filecache/9_tmp")
    daemons.start("nodemanager")
    assert not [name for name in planted if (local / name).exists()]
    assert (daemons.folder / "mine/kept").read_text() == "kept"
    numbers = random.Random(7)
    gate.files = {"file": b"whole", "box.tar.gz": archive(numbers)}
    resources = {"file": (gate.url("file"), "FILE", "PUBLIC"), "box": (gate.url("box.tar.gz"), "ARCHIVE", "PRIVATE")}
    application = submit(daemons, resources, FOUND)
    daemons.wait_for_end(application)
    found = (daemons.log_folder(application) / "found").read_text().splitlines()
    assert [line.split()[0] for line in found] == expected(b"whole", gate.files["box.tar.gz"])
    check_nothing_is_left(daemons, "PRIVATE")


@pytest.mark.parametrize("name,kind", [("file", "FILE"), ("box.tar.gz", "ARCHIVE")])
def test_a_disk_that_fills_up_in_the_middle_of_a_download_is_named_and_nothing_stays(gate, tmp_path, name, kind):
    local = tmp_path / "local"
    local.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs", local], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user mounts no tmpfs")
    daemons = None
    try:
        daemons = Daemons(tmp_path, **{"heddle.transfer.streams": "1"})
        daemons.start_both()
        numbers = random.Random(3)
        content = numbers.randbytes(2_000_000) if kind == "FILE" else packed(numbers.randbytes(1_000_000))
        gate.files, gate.stops = {name: content}, {name: 500_000}
        resources = {"got": (gate.url(name), kind, "PRIVATE")}
        application = submit(daemons, resources, "find -L got -type f | wc -l > <LOG_DIR>/count")
        assert gate.reached.wait(60)
        room = os.statvfs(local)
        # What was sent may still be on its way to the disk: then that is full already.
        with contextlib.suppress(OSError):
            (local / "filler").write_bytes(bytes(max(0, room.f_bavail * room.f_frsize - 200_000)))
        gate.goes_on.set()
        diagnostics = daemons.wait_for_end(application)["diagnostics"]
        assert gate.url(name) in diagnostics and "No space left on device" in diagnostics, diagnostics
        assert f"{local}/usercache/root/filecache/" in diagnostics, diagnostics
        wait_until(lambda: not list(local.glob("usercache/root/filecache/*")), 60, "what came of it to go")
        # What has no name takes no room either.
        (local / "filler").unlink()
        wait_until(lambda: os.statvfs(local).f_bavail * room.f_frsize > 3_500_000, 60, "the room")
        again = submit(daemons, resources, "find -L got -type f | wc -l > <LOG_DIR>/count")
        daemons.wait_for_end(again)
        assert (daemons.log_folder(again) / "count").read_text().strip() == "1"
    finally:
        if daemons:
            daemons.close()
        subprocess.run(["umount", "-l", local], check=True)


def test_more_than_a_million_entries_are_refused_in_little_memory(daemons, gate):
    folder = tarfile.TarInfo("folder")
    folder.type = tarfile.DIRTYPE
    gate.files = {"box.tgz": gzip.compress(folder.tobuf(tarfile.GNU_FORMAT) * 1000) * 1001}
    pid = daemons.running["nodemanager"].pid
    daemons.wait_for_end(submit(daemons, {}, "true"))
    before = peak = resident_bytes(pid)
    application = submit(daemons, {"box": (gate.url("box.tgz"), "ARCHIVE", "APPLICATION")}, "true")

    def failed():
        nonlocal peak
        peak = max(peak, resident_bytes(pid))
        report = daemons.report(application)
        return report["state"] == "FAILED" and report

    report = wait_until(failed, 300, "the refusal")
    assert "1000000 entries" in report["diagnostics"], report
    assert peak - before < 64 << 20, (before, peak)


@pytest.mark.full
def test_a_million_files_are_unpacked_in_little_memory_and_go(daemons, gate):
    """They are minutes' work for a disk, which neither a stop nor a start waits for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        for number in range(1_000_000):
            box.writestr(f"{number // 1000}/{number}", b"x")
    gate.files = {"box.zip": out.getvalue()}
    pid = daemons.running["nodemanager"].pid
    before = resident_bytes(pid)
    command = "find -L box -type f | wc -l > <LOG_DIR>/count"
    application = submit(daemons, {"box": (gate.url("box.zip"), "ARCHIVE", "APPLICATION")}, command)
    daemons.wait_for_end(application, 600)
    assert (daemons.log_folder(application) / "count").read_text().strip() == "1000000"
    assert resident_bytes(pid) - before < 400 << 20
    left = [daemons.folder / f"local/usercache/root/appcache/{application}", daemons.folder / "local/deleted"]
    daemons.stop("nodemanager")
    assert left[0].exists(), "the stop waited for the whole folder"
    daemons.start("nodemanager")
    assert not left[0].exists() and left[1].exists(), "the start waited for the whole folder"
    daemons.wait_for_end(submit(daemons, {}, "true"))
    wait_until(lambda: not any(path.exists() for path in left), 900, "the application's folder to go")


def check_nothing_is_left(daemons, visibility):
    def left():
        entries = [p for p in daemons.folder.glob("local/**/filecache/*") if p.name != "0"]
        records = [json.loads(p.read_text())["directory"] for p in daemons.folder.glob("recovery/resources/*.json")]
        wrong = sorted(map(str, entries)) != sorted(records)
        return (entries, records) if wrong or any(p.name.endswith("_tmp") for p in entries) else None

    wait_until(lambda: left() is None, 60, "folders and records of the cache to agree")
    if visibility == "APPLICATION":
        wait_until(lambda: not list(daemons.folder.glob("local/usercache/root/appcache/*")), 60, "the application's folder")
    assert not list(daemons.folder.glob("recovery/**/*.tmp"))
