"""What a NodeManager does not take for what it was told: files that are still being written, servers that lie, archives that
are made to do harm. Each is named in the container's diagnostics, leaves nothing, and does not hinder the next container."""

import gzip
import hashlib
import http.server
import io
import json
import subprocess
import tarfile
import threading
import urllib.parse
import zipfile

import pytest

from cluster import wait_until
from daemons import Daemons
from resources import packed, submit
from staging import Upload

LIMIT = 8 << 20


@pytest.fixture
def daemons(tmp_path):
    made = Daemons(
        tmp_path,
        **{
            "heddle.nodemanager.archive.bytes-maximum": "8m",
            "heddle.nodemanager.archive.entries-maximum": "50",
            "heddle.transfer.attempts": "2",
        },
    )
    made.start_both()
    yield made
    made.close()


def refusal(daemons, resources, user="root") -> str:
    report = daemons.wait_for_end(submit(daemons, resources, "true", user))
    assert report["state"] == "FAILED", report
    return report["diagnostics"]


def check_nothing_is_left(daemons):
    def left():
        caches = [p for p in daemons.folder.glob("local/**/filecache/*") if p.name != "0"]
        return [*caches, *daemons.folder.glob("local/usercache/*/appcache/*")]

    wait_until(lambda: not left(), 60, "nothing to be left")


# Files under construction


@pytest.mark.parametrize("visibility", ["PUBLIC", "APPLICATION"])
def test_a_file_that_is_still_being_written_is_refused_and_taken_when_it_is_closed(daemons, staging_server, visibility):
    """By its name, its time and its length a file under construction is as good as any: a client may well have stated them."""
    upload = Upload(staging_server, "PUT", "/job/data?op=CREATE", b"first")
    wait_until(lambda: staging_server.read("/job/data") == b"first", 30, "what was received")
    status = json.loads(staging_server.call("GET", "/job/data?op=GETFILESTATUS")[1])["FileStatus"]
    resource = (f"{staging_server.uri}/job/data", "FILE", visibility, status["length"], status["modificationTime"])
    said = refusal(daemons, {"data": resource})
    assert f"{staging_server.uri}/job/data is still being written: 5 bytes of it are there so far" in said, said
    check_nothing_is_left(daemons)
    upload.send(b" second")
    assert upload.end() == 201
    unknown = (f"{staging_server.uri}/job/data", "FILE", visibility)
    closed = submit(daemons, {"data": unknown}, "cp data <LOG_DIR>/found")
    daemons.wait_for_end(closed)
    assert (daemons.log_folder(closed) / "found").read_bytes() == b"first second"
    # Nor is a file that grows; its time is still that of the closed file.
    appending = Upload(staging_server, "POST", "/job/data?op=APPEND", b" third")
    wait_until(lambda: staging_server.read("/job/data") == b"first second third", 30, "what was received")
    status = json.loads(staging_server.call("GET", "/job/data?op=GETFILESTATUS")[1])["FileStatus"]
    resource = (f"{staging_server.uri}/job/data", "FILE", visibility, status["length"], status["modificationTime"])
    assert "is still being written: 18 bytes" in refusal(daemons, {"data": resource})
    assert appending.end() == 200


# What a reader may have


def test_what_its_user_may_not_read_or_nobody_has_is_refused_in_the_servers_words(daemons, staging_server):
    staging = staging_server
    for path in ("/open/secret", "/home/ann/file", "/open/file"):
        staging.write(path, b"some bytes")
    for call in ("/open/secret?op=SETPERMISSION&permission=600", "/home/ann?op=SETPERMISSION&permission=700",
                 "/home/ann?op=SETOWNER&owner=ann", "/home/ann/file?op=SETOWNER&owner=ann"):  # fmt: skip
        assert staging.call("PUT", call)[0] == 200
    denied = "Permission denied: user=ann, access=READ, inode=\"/open/secret\":root:supergroup:-rw-------"
    hidden = "is not publicly accessible and as such cannot be part of the public cache."
    for path, visibility, words in [
        ("/open/secret", "PRIVATE", denied),
        ("/open/secret", "APPLICATION", denied),
        ("/open/secret", "PUBLIC", hidden),
        # Its owner's folder is closed to others, so others must not find it in the public cache.
        ("/home/ann/file", "PUBLIC", hidden),
        ("/open/none", "PRIVATE", "File does not exist: /open/none"),
        ("/home/ann", "PRIVATE", "/home/ann is not a file"),
    ]:
        said = refusal(daemons, {"file": (f"{staging.uri}{path}", "FILE", visibility)}, "ann")
        assert f"{staging.uri}{path}" in said and words in said, (path, visibility, said)
        check_nothing_is_left(daemons)
    for path, visibility in (("/home/ann/file", "PRIVATE"), ("/open/file", "PUBLIC")):
        command = "cp file <LOG_DIR>/found"
        application = submit(daemons, {"file": (f"{staging.uri}{path}", "FILE", visibility)}, command, "ann")
        daemons.wait_for_end(application)
        assert (daemons.log_folder(application) / "found").read_bytes() == b"some bytes"


# A server that lies


class Liar(http.server.ThreadingHTTPServer):
    """WebHDFS of public files. `files`: path -> (what it says at first that the file's SHA-256 is, what the file has)."""

    daemon_threads = True

    def __init__(self):
        self.files = {}
        self.asked = {}
        super().__init__(("127.0.0.1", 0), LiarHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"webhdfs://127.0.0.1:{self.server_address[1]}{path}"


class LiarHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        path, operation = address.path.removeprefix("/webhdfs/v1"), urllib.parse.parse_qs(address.query)["op"][0]
        if path not in self.server.files:
            status = {"type": "DIRECTORY", "length": 0, "modificationTime": 1, "permission": "755"}
            return self.answer(json.dumps({"FileStatus": status}).encode())
        stated, content = self.server.files[path]
        if operation == "OPEN":
            return self.answer(content)
        # When the node asks what the file holds it hears one thing, when it fetches the file another.
        times = self.server.asked[path] = self.server.asked.get(path, 0) + 1
        status = {
            "type": "FILE", "length": len(content), "modificationTime": 1_700_000_000_000, "permission": "644",
            "underConstruction": False, "contentSHA256": stated if times == 1 else hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        return self.answer(json.dumps({"FileStatus": status}).encode())

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def liar():
    server = Liar()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind,name", [("FILE", "lib.tar.gz"), ("ARCHIVE", "lib.tar.gz")])
def test_a_server_cannot_plant_its_bytes_in_what_others_share(daemons, liar, kind, name):
    """Whoever names the content of a well-known archive, and sends another, would else own every job that uses it."""
    good, bad = packed(b"good"), packed(b"bad")
    known = hashlib.sha256(good).hexdigest()
    liar.files = {f"/evil/{name}": (known, bad), f"/good/{name}": (known, good)}
    said = refusal(daemons, {"lib": (liar.url(f"/evil/{name}"), kind, "PUBLIC")})
    assert f"states SHA-256 {known}, but what came has {hashlib.sha256(bad).hexdigest()}" in said, said
    check_nothing_is_left(daemons)
    command = "cat lib/one > <LOG_DIR>/found" if kind == "ARCHIVE" else "tar -xOf lib one > <LOG_DIR>/found"
    application = submit(daemons, {"lib": (liar.url(f"/good/{name}"), kind, "PUBLIC")}, command)
    daemons.wait_for_end(application)
    assert (daemons.log_folder(application) / "found").read_text() == "good"


# Archives that are made to do harm


def tar(*entries, mode="w:gz") -> bytes:
    """Entries are (name, type, content or target)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.GNU_FORMAT) as box:
        for name, kind, content in entries:
            entry = tarfile.TarInfo(name)
            entry.type = kind
            if isinstance(content, bytes):
                entry.size = len(content)
            else:
                entry.linkname = content or ""
            box.addfile(entry, io.BytesIO(content) if isinstance(content, bytes) else None)
    return out.getvalue()


def zipped(*entries) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, content in entries:
            box.writestr(name, content)
    return out.getvalue()


def holes(folder, size) -> bytes:
    """A tar whose only file is one hole, of which nothing but the length is in the archive."""
    with open(folder / "hole", "wb") as file:
        file.truncate(size)
    made = subprocess.run(["tar", "-S", "-C", folder, "-czf", "-", "hole"], check=True, capture_output=True).stdout
    assert len(made) < 1000
    return made


FILE, LINK, HARD, FIFO, DEVICE = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.BLKTYPE
TOO_LARGE = f"unpacks to more than the {LIMIT} bytes it may take: heddle.nodemanager.archive.bytes-maximum"
HOSTILE = {
    "zip bomb": ("box.zip", lambda _: zipped(("zeros", bytes(9 << 20))), TOO_LARGE),
    "zip bomb of many": ("box.zip", lambda _: zipped(*((f"{n}", bytes(1 << 20)) for n in range(9))), TOO_LARGE),
    "tar bomb": ("box.tar.gz", lambda _: tar(("zeros", FILE, bytes(9 << 20))), TOO_LARGE),
    "tar of a hole": ("box.tgz", lambda folder: holes(folder, 1 << 30), TOO_LARGE),
    "many entries": (
        "box.tgz", lambda _: tar(*((f"{n}", FILE, b"") for n in range(51))), "more than 50 entries, the limit that heddle.nodemanager",
    ),
    "escape": ("box.tar.gz", lambda _: tar(("../../escaped", FILE, b"x")), "leads out of the archive"),
    "escape from a zip": ("box.zip", lambda _: zipped(("a/../../escaped", b"x")), "leads out of the archive"),
    "absolute": ("box.tar.gz", lambda folder: tar((f"{folder}/escaped", FILE, b"x")), "has an absolute path"),
    "device": ("box.tar.gz", lambda _: tar(("disk", DEVICE, None)), "is a device, which an archive must not hold"),
    "pipe": ("box.tar.gz", lambda _: tar(("pipe", FIFO, None)), "is a pipe, which an archive must not hold"),
    "link that leads out": ("box.tar.gz", lambda _: tar(("door", LINK, "../..")), "outside the archive"),
    "file behind a link": (
        "box.tar.gz",
        lambda folder: tar(("door", LINK, str(folder)), ("door/escaped", FILE, b"x")),
        "door",
    ),
    "hard link to a secret": ("box.tar.gz", lambda folder: tar(("mine", HARD, f"{folder}/secret")), "has an absolute path"),
    "cut off": ("box.tar.gz", lambda _: tar(("file", FILE, bytes(range(256)) * 4000))[:-9], "is damaged"),
    "no archive": ("box.zip", lambda _: b"PK but no more", "cannot be unpacked"),
}  # fmt: skip


def test_hostile_archives_are_refused_by_name_and_leave_the_node_as_it_was(daemons, gate, tmp_path):
    (tmp_path / "secret").write_text("secret")
    before = sorted(p.name for p in tmp_path.iterdir())
    wanted = {}
    for number, (what, (name, make, text)) in enumerate(HOSTILE.items()):
        gate.files[f"{number}/{name}"] = make(tmp_path)
        resource = (gate.url(f"{number}/{name}"), "ARCHIVE", ["PUBLIC", "PRIVATE", "APPLICATION"][number % 3])
        wanted[what] = (submit(daemons, {"box": resource}, "true"), gate.url(f"{number}/{name}"), text)
    (tmp_path / "hole").unlink()
    for what, (application, url, text) in wanted.items():
        report = daemons.wait_for_end(application)
        assert report["state"] == "FAILED", (what, report)
        assert url in report["diagnostics"] and text in report["diagnostics"], (what, report["diagnostics"])
    check_nothing_is_left(daemons)
    assert sorted(p.name for p in tmp_path.iterdir()) == before and not list(tmp_path.glob("**/escaped"))
    assert daemons.get("container-web", "/ws/v1/node/info")["nodeInfo"]["nodeHealthy"] is True
    # What keeps the limits by a byte and an entry is unpacked by the same node.
    gate.files["fine.tar.gz"] = tar(("zeros", FILE, bytes(LIMIT)), *((f"{n}", FILE, b"") for n in range(49)))
    application = submit(daemons, {"box": (gate.url("fine.tar.gz"), "ARCHIVE", "PUBLIC")}, "ls box | wc -l > <LOG_DIR>/count")
    daemons.wait_for_end(application)
    assert (daemons.log_folder(application) / "count").read_text().strip() == "50"
