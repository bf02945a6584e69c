"""What a staging server keeps when it is killed while files come in, and when its disk is full."""

import collections
import hashlib
import http.client
import itertools
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
    assert len(staging.content()) <= len(listed)


class Writer(threading.Thread):
    """Changes a folder of its own, one acknowledged step after another, and knows what must be in it: name -> (bytes, mode).

    The step that a killed server did not acknowledge may have happened or not; bytes that were under way may be there from
    their beginning.
    """

    NAMES = [f"n{number}" for number in range(6)]

    def __init__(self, staging, number, seed, acknowledged):
        """`acknowledged` is called after each step, before anything else."""
        super().__init__()
        self.acknowledged = acknowledged
        self.staging, self.numbers = staging, random.Random(seed)
        self.folder = f"/tmp/m/{number}"
        self.files, self.unacknowledged, self.problem = {}, None, None
        self.counts = collections.Counter()
        self.ends = threading.Event()

    def run(self):
        while not self.ends.is_set() and self.problem is None:
            name, before = self.choose(), dict(self.files)
            step = getattr(self, name)()
            if step is None:
                continue
            calls, after, partly = step
            try:
                for call in calls:
                    self.call(*call)
            except (OSError, http.client.HTTPException):
                self.unacknowledged = (name, before, after, partly)
                return
            except AssertionError as refusal:
                self.problem = f"{name}: {refusal}"
                return
            self.acknowledged()
            self.files = after
            self.counts[name] += 1

    def choose(self):
        return self.numbers.choice(["create", "append", "rename", "delete", "permission", "truncate", "concat"])

    def call(self, method, path, content=None):
        status, answer = self.staging.call(method, path)
        if content is None:
            assert status == 200 and answer in (b"", b'{"boolean":true}'), (path, status, answer)
            return
        assert status == 307, (path, status, answer)
        connection = http.client.HTTPConnection("127.0.0.1", self.staging.port, timeout=30)
        try:
            connection.request(method, answer.decode().split(str(self.staging.port), 1)[1], body=content)
            response = connection.getresponse()
            assert response.status == (201 if method == "PUT" else 200), (path, response.status, response.read())
        finally:
            connection.close()

    def content(self):
        return self.numbers.randbytes(self.numbers.choice([0, 10, 5_000, 70_000, 300_000]))

    def taken(self):
        return self.numbers.choice(sorted(self.files)) if self.files else None

    # Steps: calls, what is there afterwards, and whether something may be there in between.

    def create(self):
        name, content = self.numbers.choice(self.NAMES), self.content()
        others = {n: f for n, f in self.files.items() if n != name}

        def partly(actual):
            found = actual.get(name)
            rest = {n: f for n, f in actual.items() if n != name}
            return name not in self.files and rest == others and (found is None or content.startswith(found[0]))

        after = others | {name: (content, "644")}
        return [("PUT", f"{self.folder}/{name}?op=CREATE&overwrite=true&permission=644", content)], after, partly

    def append(self):
        if (name := self.taken()) is None:
            return None
        content, (old, mode) = self.content(), self.files[name]
        others = {n: f for n, f in self.files.items() if n != name}

        def partly(actual):
            found, rest = actual.get(name, (b"", "")), {n: f for n, f in actual.items() if n != name}
            return rest == others and found[1] == mode and found[0].startswith(old) and (old + content).startswith(found[0])

        return [("POST", f"{self.folder}/{name}?op=APPEND", content)], others | {name: (old + content, mode)}, partly

    def rename(self):
        free = [name for name in self.NAMES if name not in self.files]
        if not self.files or not free:
            return None
        name, other = self.taken(), self.numbers.choice(free)
        after = dict(self.files)
        after[other] = after.pop(name)
        return [("PUT", f"{self.folder}/{name}?op=RENAME&destination={self.folder}/{other}")], after, None

    def delete(self):
        if len(self.files) < 3:
            return None
        name = self.taken()
        return [("DELETE", f"{self.folder}/{name}?op=DELETE")], {n: f for n, f in self.files.items() if n != name}, None

    def permission(self):
        if (name := self.taken()) is None:
            return None
        mode = self.numbers.choice(["600", "640", "755", "1777"])
        after = self.files | {name: (self.files[name][0], mode)}
        return [("PUT", f"{self.folder}/{name}?op=SETPERMISSION&permission={mode}")], after, None

    def truncate(self):
        if (name := self.taken()) is None:
            return None
        content, mode = self.files[name]
        length = self.numbers.randrange(len(content) + 1)
        after = self.files | {name: (content[:length], mode)}
        return [("POST", f"{self.folder}/{name}?op=TRUNCATE&newlength={length}")], after, None

    def concat(self):
        full = [name for name in sorted(self.files) if self.files[name][0]]
        if len(full) < 3:
            return None
        target, *sources = self.numbers.sample(full, 3)
        joined = b"".join(self.files[name][0] for name in (target, *sources))
        after = {n: f for n, f in self.files.items() if n not in sources} | {target: (joined, self.files[target][1])}
        words = ",".join(f"{self.folder}/{name}" for name in sources)
        return [("POST", f"{self.folder}/{target}?op=CONCAT&sources={words}")], after, None

    def check(self):
        """Compares with the server after its restart, and goes on from what is there."""
        status, listed = self.staging.call("GET", f"{self.folder}?op=LISTSTATUS")
        entries = json.loads(listed)["FileStatuses"]["FileStatus"] if status == 200 else []
        actual = {}
        for entry in entries:
            status, content = self.staging.call("GET", f"{self.folder}/{entry['pathSuffix']}?op=OPEN")
            assert status == 200 and len(content) == entry["length"], entry
            actual[entry["pathSuffix"]] = (content, entry["permission"])
        brief = {name: (len(content), mode) for name, (content, mode) in actual.items()}
        if self.unacknowledged is None:
            assert actual == self.files, (self.folder, brief)
        else:
            step, before, after, partly = self.unacknowledged
            assert actual in (before, after) or (partly and partly(actual)), (self.folder, step, brief)
        self.files, self.unacknowledged = actual, None


def test_killed_at_random_points_it_keeps_every_change_that_it_acknowledged(staging):
    numbers = random.Random(24)
    workers, counts, cut_off = 8, collections.Counter(), collections.Counter()
    known = {}
    for round_number in range(10):
        left, is_over = itertools.count(numbers.randrange(40, 150), -1), threading.Event()

        def acknowledged():
            # Who hears the last answer ends the server at once: what the answer promised must have been kept before.
            if next(left) == 0:
                staging.process.kill()
                is_over.set()

        writers = [Writer(staging, number, round_number * workers + number, acknowledged) for number in range(workers)]
        for number, writer in enumerate(writers):
            writer.files = known.get(number, {})
            writer.start()
        wait_until(lambda: is_over.is_set() or any(writer.problem for writer in writers), 60, "changes")
        staging.kill()
        for writer in writers:
            writer.ends.set()
        for writer in writers:
            writer.join()
        assert [writer.problem for writer in writers if writer.problem] == []
        staging.start()
        for number, writer in enumerate(writers):
            if writer.unacknowledged:
                cut_off[writer.unacknowledged[0]] += 1
            writer.check()
            known[number] = writer.files
            counts += writer.counts
    print("acknowledged", dict(counts), "cut off", dict(cut_off))
    assert set(counts) == {"create", "append", "rename", "delete", "permission", "truncate", "concat"} and cut_off
    # Nothing is under construction any more, and no content outlives its last name.
    storage = staging.folder / "tmp/heddle/staging"
    assert not list((storage / "streams").iterdir())
    assert staging.content()
    assert staging.call("DELETE", "/tmp/m?op=DELETE&recursive=true") == (200, b'{"boolean":true}')
    wait_until(lambda: not staging.content(), 60, "all content to go")


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
