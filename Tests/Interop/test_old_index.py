"""A staging folder as it was kept before there were access control lists, made here row by row: nothing of it is lost."""

import base64
import hashlib
import hmac
import json
import sqlite3
import time
import zlib

import pytest

from staging import Staging

NOW = int(time.time() * 1000)
DAY = 86_400_000
KEY = b"a key of twenty byte"

# The tables of that time.
TABLES = """
CREATE TABLE record (
    kind TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, checksum INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT;
CREATE TABLE owner (id INTEGER PRIMARY KEY CHECK (id = 1), token INTEGER NOT NULL) STRICT;
INSERT INTO owner (id, token) VALUES (1, 7);
PRAGMA application_id = 0x4864646C;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""


def number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def text(value) -> bytes:
    value = value if isinstance(value, bytes) else value.encode()
    return number(len(value)) + value


def attributes(owner: str, mode: int, extended=()) -> bytes:
    out = text(owner) + text("supergroup") + number(mode) + number(NOW) + number(NOW) + number(len(extended))
    return out + b"".join(text(name) + text(value) for name, value in extended)


class OldIndex:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        for name in ("blobs", "streams", "removed"):
            (folder / name).mkdir()
        self.database = sqlite3.connect(folder / "index.db")
        self.database.executescript(TABLES)

    def row(self, kind: str, key: str, content: bytes):
        checked = b"\0".join([kind.encode(), key.encode(), b"\1" + content])
        values = (kind, key, 1, zlib.crc32(checked), content)
        self.database.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?)", values)

    def inode(self, inode: int, parent: int, name, about: bytes, rest: bytes):
        named = b"\0" if name is None else b"\1" + text(name)
        self.row("inode", f"{inode:x}", number(inode) + number(parent) + named + about + rest)

    def directory(self, inode: int, parent: int, name, owner="root", mode=0o755, names=None):
        quota = (b"\0" if names is None else b"\1" + number(names)) + b"\0"
        self.inode(inode, parent, name, attributes(owner, mode), b"\0" + quota)

    def file(self, inode: int, parent: int, name: str, pieces, owner="root", mode=0o644, extended=(), writer=b"\0"):
        rest = b"\1" + number(128 << 20) + number(3) + number(len(pieces))
        for piece in pieces:
            digest = hashlib.sha256(piece).hexdigest()
            (self.folder / "blobs" / digest[:2]).mkdir(exist_ok=True)
            (self.folder / "blobs" / digest[:2] / digest).write_bytes(piece)
            rest += text(digest) + number(len(piece))
        self.inode(inode, parent, name, attributes(owner, mode, extended), rest + writer)

    def close(self):
        self.database.commit()
        self.database.close()


def old_token(index: OldIndex, service: str) -> str:
    """A key, a token that was signed with it, and the token's text."""

    def long(value: int) -> bytes:
        """Hadoop's variable-length number."""
        if value <= 127:
            return bytes([value])
        size = (value.bit_length() + 7) // 8
        return bytes([256 - 112 - size]) + value.to_bytes(size, "big")

    def run(value: bytes) -> bytes:
        return long(len(value)) + value

    index.row("tokenKey", "3", text(KEY) + number(NOW + DAY) + number(NOW + 8 * DAY))
    names = [b"alice", b"yarn", b""]
    dates = number(NOW) + number(NOW + 7 * DAY)
    index.row("token", "5", b"".join(map(text, names)) + dates + number(3) + number(NOW + DAY))
    index.row("tokenCounter", "0", number(5))
    identifier = b"\0" + b"".join(map(run, names)) + long(NOW) + long(NOW + 7 * DAY) + long(5) + long(3)
    password = hmac.digest(KEY, identifier, "sha1")
    whole = run(identifier) + run(password) + run(b"WEBHDFS delegation") + run(service.encode())
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode()


@pytest.fixture
def staging(tmp_path):
    """A server on such a folder; `token`: alice's."""
    server = Staging(tmp_path / "staging", settings={"heddle.staging.delegation-tokens": "true"})
    index = OldIndex(tmp_path / "staging" / "tmp" / "heddle" / "staging")
    index.directory(1, 1, None)
    index.directory(2, 1, "user")
    index.directory(3, 1, "tmp", mode=0o1777)
    index.directory(4, 2, "alice", owner="alice", mode=0o700, names=3)
    index.file(5, 4, "two pieces", [b"first, ", b"second\n"], owner="alice", extended=[("user.colour", b"blue")])
    index.file(6, 3, "empty", [])
    # Written to when the server ended: the content that was complete, and what came after it.
    index.file(7, 3, "log", [b"kept, "], writer=b"\1" + number(9) + text("root") + number(NOW) + number(1))
    (index.folder / "streams" / "9").write_bytes(b"and received\n")
    index.row("counter", "nextInode", b"10")
    server.token = old_token(index, "127.0.0.1:1")
    index.close()
    server.start()
    yield server
    server.stop()


def ask(staging, path, method="GET", user="root"):
    status, body = staging.call(method, path, user=user)
    assert status == 200, body
    return json.loads(body) if body else None


def test_everything_is_read_and_access_lists_work_from_then_on(staging, spark35):
    listed = ask(staging, "/user/alice?op=LISTSTATUS", user="alice")["FileStatuses"]["FileStatus"]
    assert [(f["pathSuffix"], f["owner"], f["permission"], f["length"], f["replication"]) for f in listed] == [
        ("two pieces", "alice", "644", 14, 3)
    ]
    assert listed[0]["modificationTime"] == NOW and "aclBit" not in listed[0]
    assert staging.shell(spark35, "-cat", "/user/alice/two pieces", user="alice") == "first, second\n"
    assert staging.shell(spark35, "-getfattr", "-n", "user.colour", "/user/alice/two pieces", user="alice").endswith(
        'user.colour="blue"\n'
    )
    assert staging.shell(spark35, "-cat", "/tmp/empty", "/tmp/log") == "kept, and received\n"
    quota = ask(staging, "/user/alice?op=GETCONTENTSUMMARY", user="alice")["ContentSummary"]
    assert (quota["quota"], quota["directoryCount"], quota["fileCount"]) == (3, 1, 1)
    # Closed to others, until its owner says otherwise.
    assert "Permission denied" in staging.shell(spark35, "-cat", "/user/alice/two pieces", user="bob", code=1)
    assert staging.shell(spark35, "-getfacl", "/user/alice", user="alice") == (
        "# file: /user/alice\n# owner: alice\n# group: supergroup\nuser::rwx\ngroup::---\nother::---\n\n"
    )
    for spec in ("user:bob:--x", "default:user:bob:r--"):
        staging.shell(spark35, "-setfacl", "-m", spec, "/user/alice", user="alice")
    staging.kill()
    staging.start()
    assert staging.shell(spark35, "-cat", "/user/alice/two pieces", user="bob") == "first, second\n"
    assert "user:bob:--x" in staging.shell(spark35, "-getfacl", "/user/alice", user="alice")
    assert ask(staging, "/user/alice?op=GETFILESTATUS", user="alice")["FileStatus"]["aclBit"]


def test_its_tokens_and_numbers_go_on(staging):
    assert staging.call("GET", f"/user/alice?op=LISTSTATUS&delegation={staging.token}", user="bob")[0] == 200
    new = ask(staging, "/?op=GETDELEGATIONTOKEN&renewer=root", user="alice")["Token"]["urlString"]
    assert new != staging.token
    identifier = base64.urlsafe_b64decode(new + "==")[1:]
    # It ends with its own number, which goes on from the old token's, and that of the old key, which is still in use.
    assert identifier[: base64.urlsafe_b64decode(new + "==")[0]][-2:] == b"\6\3"
    # Inodes get numbers that none had.
    ask(staging, "/tmp/new?op=MKDIRS", method="PUT")
    assert ask(staging, "/tmp/new?op=GETFILESTATUS")["FileStatus"]["fileId"] == 10
