"""`heddle fs` on a store that speaks S3's protocol and checks signatures: every operation, many names, files in parts, and lines
that break."""

import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from buckets import Relay, settings
from cluster import heddle_program, wait_until

PART = 5 << 20
# Kind, size and name.
LINE = re.compile(r"([d-])[rwx-]{9} +\S+ +\S+ +\S+ +(\d+) (?:-|\d{4}-\d\d-\d\d \d\d:\d\d) (.+)")


class Shell:
    """The command with a configuration of its own."""

    def __init__(self, folder, values):
        self.conf = folder / "conf"
        self.conf.mkdir(parents=True, exist_ok=True)
        self.values = {"fs.defaultFS": "s3a://jobs/"} | values
        self.set()

    def set(self, **values):
        self.values |= values
        rows = "".join(f"<property><name>{k}</name><value>{v}</value></property>" for k, v in self.values.items())
        (self.conf / "core-site.xml").write_text(f"<configuration>{rows}</configuration>")

    def words(self, *words) -> list:
        return [str(heddle_program()), "fs", "-config", str(self.conf), *map(str, words)]

    def __call__(self, *words, code=0):
        done = subprocess.run(self.words(*words), capture_output=True, text=True, timeout=300)
        assert done.returncode == code, done.stdout + done.stderr
        return done


@pytest.fixture
def fs(tmp_path, store):
    return Shell(tmp_path, settings(store[0], store[2]))


@pytest.fixture
def relay(store):
    made = Relay(store[0])
    yield made
    made.close()


def pending(s3) -> list:
    return s3.list_multipart_uploads(Bucket="jobs").get("Uploads", [])


def test_every_operation_does_with_objects_what_it_does_with_files(store, fs, tmp_path):
    _, s3, _ = store
    (tmp_path / "tree/below").mkdir(parents=True)
    (tmp_path / "tree/a b+c=ä&%.bin").write_bytes(b"odd name")
    (tmp_path / "tree/below/two").write_bytes(os.urandom(200_000))
    fs("-mkdir", "s3a://jobs/d")
    assert fs("-mkdir", "s3a://jobs/d", code=1).stderr == "mkdir: `s3a://jobs/d': File exists\n"
    assert fs("-mkdir", "s3a://jobs/no/e", code=1).stderr == "mkdir: `s3a://jobs/no/e': No such file or directory\n"
    fs("-put", tmp_path / "tree", "s3a://jobs/d")
    assert s3.get_object(Bucket="jobs", Key="d/tree/a b+c=ä&%.bin")["Body"].read() == b"odd name"
    again = fs("-put", tmp_path / "tree/below/two", "s3a://jobs/d/tree/below/two", code=1)
    assert again.stderr == "put: `s3a://jobs/d/tree/below/two': File exists\n"
    (tmp_path / "tree/below/two").write_bytes(b"2")
    fs("-put", "-f", tmp_path / "tree/below/two", "/d/tree/below/two")
    listed = [LINE.match(line).groups() for line in fs("-ls", "-R", "s3a://jobs/d").stdout.splitlines()]
    assert listed == [
        ("d", "0", "s3a://jobs/d/tree"),
        ("-", "8", "s3a://jobs/d/tree/a b+c=ä&%.bin"),
        ("d", "0", "s3a://jobs/d/tree/below"),
        ("-", "1", "s3a://jobs/d/tree/below/two"),
    ]
    fs("-get", "/d/tree", tmp_path / "back")
    assert (tmp_path / "back/a b+c=ä&%.bin").read_bytes() == b"odd name"
    assert (tmp_path / "back/below/two").read_bytes() == b"2"
    assert fs("-cat", "/d/tree/below/two", "s3a://jobs/d/tree/a b+c=ä&%.bin").stdout == "2odd name"
    assert fs("-cat", "/d/none", code=1).stderr == "cat: `/d/none': No such file or directory\n"
    fs("-mv", "/d/tree/below/two", "/d/moved")
    fs("-mv", "s3a://jobs/d/tree", "s3a://jobs/d/grown")
    assert fs("-cat", "/d/moved", "/d/grown/a b+c=ä&%.bin").stdout == "2odd name"
    assert fs("-ls", "/d/tree", code=1).stderr == "ls: `/d/tree': No such file or directory\n"
    assert fs("-rm", "/d", code=1).stderr == "rm: `/d': Is a directory\n"
    assert fs("-rm", "/d/moved").stdout == "Deleted /d/moved\n"
    assert fs("-rm", "-r", "s3a://jobs/d").stdout == "Deleted s3a://jobs/d\n"
    assert s3.list_objects_v2(Bucket="jobs", Prefix="d/")["KeyCount"] == 0
    assert fs("-ls", "s3a://nobodys/", code=1).stderr == "ls: `s3a://nobodys/': No such file or directory\n"


def test_more_names_than_a_page_holds_are_all_listed_moved_and_removed(store, fs, relay):
    _, s3, _ = store
    fs.set(**{"fs.s3a.endpoint": relay.url})
    names = [f"{number:04}" for number in range(2_100)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: s3.put_object(Bucket="jobs", Key=f"many/{name}", Body=name.encode()), names))
    s3.put_object(Bucket="jobs", Key="many/zz/below", Body=b"")
    lines = fs("-ls", "/many").stdout.splitlines()
    assert lines[0] == "Found 2101 items"
    assert [LINE.match(line).group(3) for line in lines[1:]] == [f"/many/{name}" for name in (*names, "zz")]
    assert len(fs("-ls", "-R", "s3a://jobs/").stdout.splitlines()) == 2_103
    fs("-mv", "/many/zz", "/many/0000", code=1)
    s3.put_object(Bucket="jobs", Key="many/a&b<c>\"d'ä", Body=b"odd name")
    fs("-mv", "/many", "/more")
    assert s3.list_objects_v2(Bucket="jobs", Prefix="many/")["KeyCount"] == 0
    assert fs("-cat", "/more/2099", "/more/a&b<c>\"d'ä").stdout == "2099odd name"
    assert relay.count("POST /jobs/?delete") == 3
    fs("-mv", "/more", "/more/below", code=1)
    assert fs("-rm", "-r", "/more").stdout == "Deleted /more\n"
    assert s3.list_objects_v2(Bucket="jobs", Prefix="more")["KeyCount"] == 0
    assert relay.count("POST /jobs/?delete") == 6 and relay.count("DELETE ") == 0


@pytest.fixture
def in_parts(fs, relay, tmp_path):
    """A file of five parts, over a line that can be cut."""
    fs.set(**{"fs.s3a.endpoint": relay.url, "fs.s3a.multipart.size": PART, "fs.s3a.multipart.threshold": PART})
    fs.content = os.urandom(4 * PART + 1_000_000)
    (tmp_path / "big").write_bytes(fs.content)
    return fs


def test_a_large_file_goes_in_parts_and_comes_back(store, in_parts, tmp_path):
    _, s3, _ = store
    in_parts("-put", tmp_path / "big", "/big")
    assert s3.head_object(Bucket="jobs", Key="big")["ETag"].endswith('-5"')
    in_parts.set(**{"heddle.transfer.stream-min-size": "4m", "heddle.transfer.stream-min-time": "0"})
    in_parts("-get", "/big", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == in_parts.content
    assert pending(s3) == []


def test_a_large_object_is_moved_in_parts_with_what_it_says_of_itself(store, in_parts, relay, tmp_path):
    _, s3, _ = store
    said = {"ContentType": "text/csv", "ContentEncoding": "gzip", "Metadata": {"owner": "ann"}}
    s3.put_object(Bucket="jobs", Key="from/big ä", Body=in_parts.content, **said)
    relay.cut("PUT /jobs/to/big%20%C3%A4?partNumber=3", answer=12)
    in_parts("-mv", "/from", "/to")
    found = s3.get_object(Bucket="jobs", Key="to/big ä")
    assert found["Body"].read() == in_parts.content
    assert {name: found[name] for name in said} == said
    assert found["ETag"].endswith('-5"')
    assert relay.count("PUT /jobs/to/big%20%C3%A4?partNumber=") == 6
    assert s3.list_objects_v2(Bucket="jobs", Prefix="from")["KeyCount"] == 0
    assert pending(s3) == []


# In the head and in the body, both ways. What begins an upload whose answer is lost is an upload that nobody knows of.
CUTS = [
    ("PUT /jobs/cut?partNumber=3", {"request": 30}, 0),
    ("PUT /jobs/cut?partNumber=3", {"request": 3_000_000}, 0),
    ("PUT /jobs/cut?partNumber=3", {"answer": 0}, 0),
    ("PUT /jobs/cut?partNumber=3", {"answer": 12}, 0),
    ("PUT /jobs/cut?partNumber=3", {"answer": 60}, 0),
    ("POST /jobs/cut?uploads=", {"request": 10}, 0),
    ("POST /jobs/cut?uploads=", {"answer": 100}, 1),
    ("POST /jobs/cut?uploadId=", {"request": 700}, 0),
    ("POST /jobs/cut?uploadId=", {"answer": 5}, 0),
    ("POST /jobs/cut?uploadId=", {"answer": 200}, 0),
    ("GET /jobs/cut", {"answer": 0}, 0),
    ("GET /jobs/cut", {"answer": 12}, 0),
    ("GET /jobs/cut", {"answer": 80}, 0),
    ("GET /jobs/cut", {"answer": 3_000_000}, 0),
]


@pytest.mark.parametrize("start,limits,left", CUTS, ids=lambda value: str(value).replace("/", "_"))
def test_a_line_that_breaks_anywhere_changes_nothing_that_arrives(store, in_parts, relay, tmp_path, start, limits, left):
    _, s3, _ = store
    relay.cut(start, **limits)
    in_parts("-put", tmp_path / "big", "/cut")
    assert s3.get_object(Bucket="jobs", Key="cut")["Body"].read() == in_parts.content
    in_parts("-get", "/cut", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == in_parts.content
    assert relay.times == 0
    found = pending(s3)
    assert len(found) == left
    for upload in found:
        s3.abort_multipart_upload(Bucket="jobs", Key="cut", UploadId=upload["UploadId"])
    s3.delete_object(Bucket="jobs", Key="cut")


def test_an_upload_that_cannot_go_on_leaves_no_parts_behind(store, in_parts, relay, tmp_path):
    _, s3, _ = store
    relay.cut("PUT /jobs/never?partNumber=3", times=100, request=100_000)
    said = in_parts("-put", tmp_path / "big", "/never", code=1).stderr
    assert "s3a://jobs/never cannot be written" in said and "(tried 4 times)" in said, said
    assert pending(s3) == []
    assert in_parts("-ls", "/never", code=1).stderr == "ls: `/never': No such file or directory\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_a_copy_that_a_signal_ends_takes_back_what_it_began(store, in_parts, tmp_path, number):
    _, s3, _ = store
    in_parts.set(**{"heddle.transfer.bandwidth-per-stream": "4m"})

    def ended(process) -> str:
        process.send_signal(number)
        assert process.wait(60) == -number
        return process.stderr.read()

    def begin(*words):
        # A shell's background jobs, which tests may run in, ignore Ctrl-C, and so would the program.
        words = ["env", "--default-signal=INT,TERM", *in_parts.words(*words)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def parts() -> int:
        return sum(
            len(s3.list_parts(Bucket="jobs", Key=u["Key"], UploadId=u["UploadId"]).get("Parts", [])) for u in pending(s3)
        )

    folder = f"/ended{number}"
    in_parts("-mkdir", folder)
    with begin("-put", tmp_path / "big", tmp_path / "back", folder) as put:
        wait_until(lambda: parts() > 0, 60, "the first part")
        assert ended(put) == ""
    assert pending(s3) == []
    s3.put_object(Bucket="jobs", Key="there", Body=in_parts.content)
    before = set(tmp_path.iterdir())

    def arrived(process) -> bool:
        # What is not whole has no name yet.
        for file in Path(f"/proc/{process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):
                if os.readlink(file).startswith(f"{tmp_path}/#") and file.stat().st_size > 0:
                    return True
        return False

    with begin("-get", "/there", tmp_path / "back") as get:
        wait_until(lambda: arrived(get), 60, "the first bytes")
        assert ended(get) == ""
    assert set(tmp_path.iterdir()) == before
