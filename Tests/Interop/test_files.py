"""`heddle fs` against Hadoop's own shell on the same staging server, on S3's protocol, and on a terminal."""

import hashlib
import os
import re
import signal
import subprocess
import sys

import pytest

from cluster import heddle_program
from staging import Staging
from terminal import with_terminal


@pytest.fixture
def staging(tmp_path):
    server = Staging(tmp_path / "staging")
    server.start()
    yield server
    server.stop()


def fs(staging, *words, code=0, **options):
    done = subprocess.run(
        [str(heddle_program()), "fs", "-config", str(staging.conf), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_what_it_lists_is_what_hadoop_lists(staging, spark35, tmp_path):
    (tmp_path / "tree/below").mkdir(parents=True)
    (tmp_path / "tree/one").write_text("1")
    (tmp_path / "tree/below/two").write_bytes(os.urandom(3_000_000))
    fs(staging, "-mkdir", "-p", "/d/e")
    sent = fs(staging, "-put", tmp_path / "tree", tmp_path / "tree/one", "/d")
    assert sent.stdout == ""
    # No terminal: a line for each file.
    assert sorted(sent.stderr.splitlines()) == sorted(
        [f"{tmp_path}/tree/one: 1 bytes", f"{tmp_path}/tree/below/two: 3000000 bytes", f"{tmp_path}/tree/one: 1 bytes"]
    )
    for words in (("-ls", "/d"), ("-ls", "-R", "/d"), ("-ls", "/d/one"), ("-ls", "/d/e"), ("-ls", staging.uri + "/d")):
        assert fs(staging, *words).stdout == staging.shell(spark35, *words), words
    fs(staging, "-get", "/d/tree", tmp_path / "back")
    assert (tmp_path / "back/below/two").read_bytes() == (tmp_path / "tree/below/two").read_bytes()
    assert fs(staging, "-cat", "/d/one", "/d/tree/one").stdout == "11"


def test_what_is_there_is_not_replaced_unasked_and_what_is_not_is_named(staging, tmp_path):
    (tmp_path / "f").write_text("old")
    fs(staging, "-put", tmp_path / "f", "/f")
    (tmp_path / "f").write_text("newer")
    assert fs(staging, "-put", tmp_path / "f", "/f", code=1).stderr == "put: `/f': File exists\n"
    assert fs(staging, "-cat", "/f").stdout == "old"
    fs(staging, "-put", "-f", tmp_path / "f", "/f")
    assert fs(staging, "-get", "/f", tmp_path / "f", code=1).stderr == f"get: `{tmp_path}/f': File exists\n"
    fs(staging, "-get", "-f", "/f", tmp_path / "f")
    several = fs(staging, "-cat", "/none", "/f", "/nor", code=1)
    assert several.stdout == "newer"
    assert several.stderr == "cat: `/none': No such file or directory\ncat: `/nor': No such file or directory\n"
    assert fs(staging, "-rm", "/none", code=1).stderr == "rm: `/none': No such file or directory\n"
    fs(staging, "-rm", "-f", "/none")
    fs(staging, "-mkdir", "/d")
    assert fs(staging, "-mkdir", "/d", code=1).stderr == "mkdir: `/d': File exists\n"
    assert fs(staging, "-mkdir", "/a/b", code=1).stderr == "mkdir: `/a/b': No such file or directory\n"
    assert fs(staging, "-rm", "/d", code=1).stderr == "rm: `/d': Is a directory\n"
    fs(staging, "-mv", "/f", "/d")
    assert fs(staging, "-cat", "/d/f").stdout == "newer"
    assert fs(staging, "-rm", "-r", "/d").stdout == "Deleted /d\n"
    assert "Name one operation: -ls" in fs(staging, "/x", code=255).stderr
    assert "Unrecognized option: -chmod" in fs(staging, "-chmod", "/x", code=255).stderr
    assert "Not enough arguments" in fs(staging, "-mv", "/x", code=255).stderr


def test_several_files_at_a_time_are_those_of_one_at_a_time(staging, tmp_path):
    for number in range(60):
        folder = tmp_path / "tree" / str(number % 7) / "below"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / str(number)).write_bytes(os.urandom(1 + number * 997))
    fs(staging, "-mkdir", "/d")
    sent = fs(staging, "-put", "-t", 8, tmp_path / "tree", "/d")
    assert (sent.stdout, len(sent.stderr.splitlines())) == ("", 60)
    # One of them is there, and the others are gone on with.
    there = tmp_path / "back/tree/3/below/10"
    there.parent.mkdir(parents=True)
    there.write_text("there")
    got = fs(staging, "-get", "-t", 8, "/d/tree", tmp_path / "back", code=1).stderr.splitlines()
    assert f"get: `{there}': File exists" in got
    assert (len(got), there.read_text()) == (60, "there")
    there.unlink()
    fs(staging, "-get", "/d/tree/3/below/10", there)
    for number in range(60):
        name = f"tree/{number % 7}/below/{number}"
        assert (tmp_path / "back" / name).read_bytes() == (tmp_path / name).read_bytes()
    # Each has its line where a single one has a bar.
    code, output, seen = with_terminal(command(staging, "-put", "-f", "-t", "2", tmp_path / "tree", "/d"))
    assert (code, output, seen.count(" bytes")) == (0, "", 60), seen
    for wrong in ("0", "65", "x"):
        assert f"-t {wrong}: accepted: how many files at a time" in fs(staging, "-ls", "-t", wrong, "/", code=255).stderr


@pytest.mark.parametrize("operation", ["-put", "-get"])
def test_a_terminal_sees_a_bar_and_a_pipe_a_line(staging, tmp_path, operation):
    # More than sockets hold, so that it takes its time.
    (tmp_path / "f").write_bytes(os.urandom(8_000_000))
    fs(staging, "-put", tmp_path / "f", "/there")
    text = (staging.conf / "core-site.xml").read_text()
    slow = "<property><name>heddle.transfer.bandwidth-per-stream</name><value>4m</value></property></configuration>"
    (staging.conf / "core-site.xml").write_text(text.replace("</configuration>", slow))
    source, target = (tmp_path / "f", "/new") if operation == "-put" else ("/there", tmp_path / "new")
    code, output, seen = with_terminal(command(staging, operation, source, target))
    assert code == 0 and output == "", seen
    drawn = [line for line in seen.split("\r") if line.strip()]
    shares = [int(re.search(r"\[=*>? *\] +(\d+)% ", line).group(1)) for line in drawn if "%" in line]
    assert len(shares) > 2 and shares == sorted(shares) and shares[-1] == 100, drawn
    assert all(len(line.replace("\x1b[K", "").rstrip("\n")) <= 79 for line in drawn), drawn
    said = fs(staging, operation, "-f", source, target)
    assert (said.stdout, said.stderr) == ("", f"{source}: 8000000 bytes\n")


def test_the_environments_proxy_is_used(staging, tmp_path):
    """Nobody listens where the proxy is said to be, so that only what needs none arrives."""
    fs(staging, "-mkdir", "/d")
    proxied = {**os.environ, "http_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    refused = fs(staging, "-ls", "/d", code=1, env=proxied)
    assert "127.0.0.1 port 1" in refused.stderr, refused.stderr
    assert fs(staging, "-ls", "/d", env={**proxied, "no_proxy": "127.0.0.1"}).stdout == ""


def command(staging, *words) -> list:
    return [str(heddle_program()), "fs", "-config", str(staging.conf), *map(str, words)]


def test_cat_passes_a_long_file_on_while_it_comes(staging, tmp_path):
    """In little memory, and without a file of its own: its temporary folder cannot be written to."""
    piece, pieces = os.urandom(1 << 20), 300
    with open(tmp_path / "big", "wb") as big:
        for _ in range(pieces):
            big.write(piece)
    fs(staging, "-put", tmp_path / "big", "/big")
    measure = "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:]); "
    measure += "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)"
    process = subprocess.Popen(
        [sys.executable, "-c", measure, *command(staging, "-cat", "/big")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": "/nowhere"},
    )
    hashed = hashlib.sha256()
    while read := process.stdout.read(1 << 20):
        hashed.update(read)
    code, peak = map(int, process.communicate(timeout=60)[1].split())
    assert code == 0 and hashed.digest() == hashlib.sha256((tmp_path / "big").read_bytes()).digest()
    assert peak < 120 << 20, peak


@pytest.mark.parametrize("ignored", [False, True], ids=["signal", "error"])
def test_a_reader_that_leaves_ends_cat_quietly(staging, tmp_path, ignored):
    """Before the file has come: only its beginning is ever sent. Whoever started it may have had SIGPIPE ignored."""
    with open(tmp_path / "big", "wb") as big:
        big.write(b"first line\n")
        big.truncate(1 << 30)
    fs(staging, "-put", tmp_path / "big", "/big")
    quiet = (lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)) if ignored else None
    process = subprocess.Popen(
        command(staging, "-cat", "/big", "/big", "/none"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        restore_signals=not ignored,
        preexec_fn=quiet,
    )
    assert process.stdout.readline() == b"first line\n"
    process.stdout.close()
    assert process.wait(60) == (0 if ignored else -signal.SIGPIPE)
    assert process.stderr.read() == b""
    process.stderr.close()
    # Full is not left.
    with open("/dev/full", "w") as full:
        refused = subprocess.run(command(staging, "-cat", "/big"), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert refused.returncode == 1
    assert refused.stderr.endswith("write to standard output: No space left on device\n"), refused.stderr
