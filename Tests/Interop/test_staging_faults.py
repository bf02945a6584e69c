"""What a staging server keeps when it is killed while files come in, and when its disk is full."""

import hashlib
import http.client
import json
import os
import random
import subprocess
import threading

import pytest

from cluster import wait_until
from daemons import resident_bytes
from staging import Staging


@pytest.fixture
def staging(tmp_path):
    server = Staging(tmp_path / "staging")
    server.start()
    yield server
    server.stop()


def upload(staging, path, content) -> bool:
    """Both steps of CREATE; true when the server has acknowledged the file."""
    try:
        status, location = staging.call("PUT", f"{path}?op=CREATE&overwrite=true")
        if status != 307:
            return False
        connection = http.client.HTTPConnection("127.0.0.1", staging.port, timeout=30)
        try:
            connection.request("PUT", location.decode().split(str(staging.port), 1)[1], body=content)
            return connection.getresponse().status == 201
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False


def test_killed_at_random_points_it_keeps_every_file_that_it_acknowledged(staging):
    numbers = random.Random(20)
    acknowledged, tried = {}, {}
    for round_number in range(4):
        ends = threading.Event()
        plan = [(f"/tmp/k/{round_number}-{n}", numbers.randbytes(numbers.choice([0, 10, 5_000, 400_000]))) for n in range(400)]
        tried.update(plan)

        def work(part):
            for path, content in part:
                if ends.is_set():
                    return
                if upload(staging, path, content):
                    acknowledged[path] = content

        threads = [threading.Thread(target=work, args=(plan[n::8],)) for n in range(8)]
        before, wanted = len(acknowledged), numbers.randrange(5, 60)
        for thread in threads:
            thread.start()
        wait_until(lambda: len(acknowledged) >= before + wanted, 60, "uploads")
        staging.kill()
        ends.set()
        for thread in threads:
            thread.join()
        staging.start()
        for path, content in acknowledged.items():
            assert staging.call("GET", f"{path}?op=OPEN") == (200, content), path
    # What was not acknowledged is there from its beginning or not at all, and nobody writes it any more.
    listed = json.loads(staging.call("GET", "/tmp/k?op=LISTSTATUS")[1])["FileStatuses"]["FileStatus"]
    for name in [entry["pathSuffix"] for entry in listed]:
        path = f"/tmp/k/{name}"
        assert tried[path].startswith(staging.call("GET", f"{path}?op=OPEN")[1]), path
        assert staging.call("POST", f"{path}?op=APPEND")[0] == 307
    storage = staging.folder / "tmp/heddle/staging"
    assert all(hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name for blob in storage.glob("blobs/*/*"))
    assert len(list(storage.glob("blobs/*/*"))) <= len(listed)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a file system")
def test_a_full_disk_ends_one_upload_and_nothing_else(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("this machine mounts nothing")
    server = Staging(disk)
    try:
        server.start()
        assert upload(server, "/tmp/kept", b"k" * 100_000)
        assert not upload(server, "/tmp/large", os.urandom(40_000_000))
        wait_until(lambda: server.call("GET", "/tmp/large?op=GETFILESTATUS")[0] == 404, 30, "the part's end")
        # Its bytes are gone with it: there is room again.
        assert upload(server, "/tmp/small", os.urandom(3_000_000))
        assert server.call("GET", "/tmp/kept?op=OPEN") == (200, b"k" * 100_000)
        server.stop()
    finally:
        server.kill()
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_hundred_uploads_and_as_many_readers_who_wait_take_little_memory(staging):
    count, content = 100, os.urandom(4 << 20)
    assert upload(staging, "/tmp/first", content)
    before = peak = resident_bytes(staging.process.pid)
    together = threading.Barrier(count)
    acknowledged = []

    def send(number):
        together.wait()
        if upload(staging, f"/tmp/f{number}", content[number:]):
            acknowledged.append(number)

    senders = [threading.Thread(target=send, args=(number,)) for number in range(count)]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        peak = max(peak, resident_bytes(staging.process.pid))
    assert sorted(acknowledged) == list(range(count))
    # On each connection up to fourteen pieces of 32 KiB wait to be written; beside them what a hundred connections take.
    assert peak - before < count * 14 * (32 << 10) + (32 << 20), (before, peak)

    # The kernel keeps what readers do not take.
    before = resident_bytes(staging.process.pid)
    readers = []
    for number in range(count):
        reader = http.client.HTTPConnection("127.0.0.1", staging.port, timeout=30)
        reader.request("GET", f"/webhdfs/v1/tmp/f{number}?op=OPEN&user.name=root")
        readers.append(reader)
    answers = [reader.getresponse() for reader in readers]
    grown = resident_bytes(staging.process.pid) - before
    assert grown < 32 << 20, (before, grown)
    for number, answer in enumerate(answers):
        assert hashlib.sha256(answer.read()).digest() == hashlib.sha256(content[number:]).digest()
    for reader in readers:
        reader.close()
