"""What broken and greedy programs do to the daemons: nothing that lasts. Every test compares /proc before and after."""

import hashlib
import http.server
import os
import random
import resource
import subprocess
import sys
import threading

import pytest

from cluster import heddle_program, wait_until
from daemons import Daemons, open_files, resident_bytes

MIB = 1 << 20


@pytest.fixture
def daemons(tmp_path):
    """Both daemons, not started."""
    daemons = Daemons(tmp_path)
    yield daemons
    daemons.close()


def settled(pid: int, limit: int):
    """Waits until a process has no more files open than before."""
    wait_until(lambda: open_files(pid) <= limit, 60, f"process {pid} to close what it opened")


def test_a_container_that_prints_a_gigabyte(daemons):
    """Its output goes straight to its files: no daemon and no supervisor holds any of it."""
    daemons.start_both()
    pids = {name: process.pid for name, process in daemons.running.items()}
    daemons.wait_for_end(daemons.submit("true"))
    files = {name: open_files(pid) for name, pid in pids.items()}
    memory = {name: resident_bytes(pid) for name, pid in pids.items()}
    peaks = dict(memory, supervisor=0)
    half = 512 * MIB
    beside = daemons.submit("sleep 1000", memory=64)
    application = daemons.submit(
        f"head -c {half} /dev/zero 1><LOG_DIR>/stdout; (yes out of paper | head -c {half}) 1><LOG_DIR>/stderr; exit 3"
    )

    def ended():
        for name, pid in pids.items():
            peaks[name] = max(peaks[name], resident_bytes(pid))
        for pid, words in daemons.container_processes().items():
            if words[0].endswith("heddle-supervisor"):
                try:
                    peaks["supervisor"] = max(peaks["supervisor"], resident_bytes(pid))
                except OSError:
                    pass
        report = daemons.report(application)
        return report["state"] == "FAILED" and report

    report = wait_until(ended, 300, "the end of the talkative container")
    print("resident before", memory, "largest", peaks)
    folder = daemons.log_folder(application)
    assert {(folder / name).stat().st_size for name in ("stdout", "stderr")} == {half}
    assert "exitCode: 3" in report["diagnostics"]
    assert "Last 4096 bytes of stderr :\n" in report["diagnostics"]
    assert len(report["diagnostics"]) < 20_000
    for name in pids:
        assert peaks[name] - memory[name] < 64 * MIB, (name, memory, peaks)
    assert 0 < peaks["supervisor"] < 8 * MIB
    # Pages of the file are read where they are asked for, not whole.
    container = folder.name
    address = f"http://127.0.0.1:{daemons.ports['container-web']}/ws/v1/node/containers/{container}/logs/stdout?format=octet-stream&size=-100"
    assert subprocess.run(["curl", "-s", "-f", address], capture_output=True, check=True).stdout == bytes(100)
    assert daemons.report(beside)["state"] == "ACCEPTED", "its neighbour is gone"
    for name, pid in pids.items():
        # The neighbour's supervisor is watched through a descriptor.
        settled(pid, files[name] + 4)

def test_a_container_that_logs_without_end_is_ended_and_its_neighbour_goes_on(daemons):
    """The neighbour logs, too, on the same disk: it is neither ended nor held up while the other writes as fast as it can."""
    limit = 200 * MIB
    daemons.set(
        **{
            "yarn.nodemanager.container-log-monitor.enable": "true",
            "yarn.nodemanager.container-log-monitor.interval-ms": "100",
            "yarn.nodemanager.container-log-monitor.dir-size-limit-bytes": str(limit),
        }
    )
    daemons.start_both()
    steady = daemons.submit(
        r"i=0; while [ ! -e <LOG_DIR>/stop ]; do i=\$((i+1)); echo line \$i; sleep 0.01; done 1><LOG_DIR>/stdout; exit 7", memory=64
    )
    log = daemons.log_folder(steady) / "stdout"

    def lines():
        return len(log.read_text().splitlines()) if log.exists() else 0

    wait_until(lines, 60, "the neighbour's first line")
    flood = daemons.submit("exec yes the same thing again and again 1><LOG_DIR>/endless", memory=64)
    endless = daemons.log_folder(flood) / "endless"
    seen = []
    for share in (0.1, 0.4, 0.7, 1):
        wait_until(lambda: endless.exists() and endless.stat().st_size > share * limit, 60, f"{share} of the limit")
        seen.append(lines())
    report = daemons.wait_for_end(flood)
    seen.append(lines())
    # It goes on after the other, as before.
    wait_until(lambda: lines() > seen[-1] + 20, 60, "the neighbour's next lines")
    diagnostics = report["diagnostics"]
    for words in (
        "exitCode: -109", "is logging beyond the container single log directory limit", f"Limit: {limit} Log Directory Size: ",
        f"Log Directory: {endless.parent}", "Its largest file is endless with", "Have it log less or roll its files over",
        "raise yarn.nodemanager.container-log-monitor.dir-size-limit-bytes above 200 MB",
    ):  # fmt: skip
        assert words in diagnostics, (words, diagnostics)
    assert seen == sorted(seen) and seen[-1] > seen[0], seen
    # What ran in it is gone, and so nothing grows any more.
    size = endless.stat().st_size
    assert not [words for words in daemons.container_processes().values() if "yes" in words]
    assert endless.stat().st_size == size
    assert daemons.get("container-web", "/ws/v1/node/info")["nodeInfo"]["nodeHealthy"] is True
    assert daemons.report(steady)["state"] == "ACCEPTED"
    (log.parent / "stop").touch()
    assert "exitCode: 7" in daemons.wait_for_end(steady)["diagnostics"]
    numbers = [int(line.split()[1]) for line in log.read_text().splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("recovery", [True, False])
def test_a_killed_node_manager_starts_again(daemons, recovery):
    """With recovery the container goes on and its exit code is known; without, all of it is ended at the next start."""
    daemons.set(**{"yarn.nodemanager.recovery.enabled": str(recovery).lower(), "yarn.nodemanager.recovery.supervised": "true"})
    daemons.start_both()
    before = set(os.listdir(daemons.folder / "local")) | {"filecache", "usercache", "nmPrivate"}
    application = daemons.submit(
        "(setsid sleep 1000 &); touch <LOG_DIR>/ready; until [ -e <LOG_DIR>/go ]; do sleep 0.05; done; exit 23"
    )
    folder = daemons.log_folder(application)
    wait_until((folder / "ready").exists, 60, "the container")
    # Without the naps of the script, which come and go.
    running = {p for p, words in daemons.container_processes().items() if "0.05" not in words}
    assert len(running) >= 3, "a supervisor, a script and what left its session"
    for _ in range(3):
        daemons.kill("nodemanager")
        assert running <= set(daemons.container_processes()), "containers outlive their NodeManager"
        pid = daemons.start("nodemanager")
        files = open_files(pid)
        if not recovery:
            break
        containers = daemons.get("container-web", "/ws/v1/node/containers")["containers"]["container"]
        assert [(c["id"], c["state"]) for c in containers] == [(folder.name, "RUNNING")]
    if recovery:
        (folder / "go").touch()
        report = daemons.wait_for_end(application)
        assert "exitCode: 23" in report["diagnostics"], report["diagnostics"]
    else:
        wait_until(lambda: not running & set(daemons.container_processes()), 60, "the end of what its predecessor left")
        wait_until(lambda: not list((daemons.folder / "local").glob("nmPrivate/*")), 60, "its files to go")
        assert daemons.wait_for_end(application)["state"] == "FAILED"
    wait_until(lambda: not daemons.container_processes(), 60, "the end of all containers")
    settled(pid, files + 4)
    assert set(os.listdir(daemons.folder / "local")) <= before
    assert not list((daemons.folder / "local").glob(f"usercache/*/appcache/{application}/container_*"))
    assert daemons.stop("nodemanager") == 0


class SlowFile(http.server.BaseHTTPRequestHandler):
    """A file that comes in two halves, the second when the test says so; whole at once from the second request on."""

    protocol_version = "HTTP/1.1"
    content = random.Random(7).randbytes(8 * MIB)
    requests: list
    go: threading.Event

    def do_GET(self):
        self.requests.append(self.path)
        half = len(self.content) // 2 if len(self.requests) == 1 else len(self.content)
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        try:
            self.wfile.write(self.content[:half])
            self.wfile.flush()
            if half < len(self.content):
                self.go.wait(120)
                self.wfile.write(self.content[half:])
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *_):
        pass


def test_a_node_manager_killed_in_the_middle_of_a_download_uses_no_half_of_it(daemons):
    """With recovery the container that waited for the file starts after all, with the whole of it."""
    SlowFile.requests, SlowFile.go = [], threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowFile)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        daemons.set(
            **{"yarn.nodemanager.recovery.enabled": "true", "yarn.nodemanager.recovery.supervised": "true"}
        )
        daemons.start_both()
        address = f"http://127.0.0.1:{server.server_port}/data"
        application = daemons.submit("sha256sum data 1><LOG_DIR>/sum; exit 23", resources={"data": address})

        def half_here():
            for path in (daemons.folder / "local").rglob("*_tmp/*"):
                if path.stat().st_size >= MIB:
                    return True

        wait_until(half_here, 60, "half of the file")
        daemons.kill("nodemanager")
        daemons.start("nodemanager")
        report = daemons.wait_for_end(application)
        assert "exitCode: 23" in report["diagnostics"], report["diagnostics"]
        said = (daemons.log_folder(application) / "sum").read_text().split()[0]
        assert said == hashlib.sha256(SlowFile.content).hexdigest()
        assert len(SlowFile.requests) >= 2
        wait_until(lambda: not list((daemons.folder / "local").rglob("*_tmp")), 60, "what was half there to go")
    finally:
        SlowFile.go.set()
        server.shutdown()
        server.server_close()


# Idle connections

CONNECTIONS = 10_000
# What this process and each of its helpers may have open beside the connections.
SPARE = 200

HOLDER = """
import select, socket, sys
port, count = int(sys.argv[1]), int(sys.argv[2])
held = []
for number in range(count):
    # Slower than the listen queue (256) overflows, which would cost a second each time; a pace, not a wait.
    if number % 64 == 63:
        select.select([], [], [], 0.04)
    held.append(socket.create_connection(("127.0.0.1", port), timeout=60))
    # A greeting that both kinds of port go on from: version 9, no service class, SASL.
    if sys.argv[3] == "rpc":
        held[-1].sendall(b"hrpc\\x09\\x00\\xdf")
print("ready", flush=True)
sys.stdin.read()
"""


def hold(port: int, kind: str, count: int) -> subprocess.Popen:
    """A process that holds `count` idle connections until its input ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(port), str(count), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return holder


@pytest.mark.parametrize(
    "daemon, port, kind",
    [
        ("resourcemanager", "address", "rpc"),
        ("resourcemanager", "webapp", "http"),
        ("nodemanager", "container", "rpc"),
        ("nodemanager", "container-web", "http"),
    ],
)
def test_ten_thousand_idle_connections(daemons, daemon, port, kind):
    """The daemon goes on answering on all of its ports, at a bounded price for each, and forgets them when they go."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= CONNECTIONS + SPARE, f"this machine allows {hard} open files a process: raise `ulimit -Hn`"
    # What systems give to programs; daemons take what they may have, the holder gets it from here.
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
    try:
        daemons.start_both()
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        pid = daemons.running[daemon].pid
        daemons.wait_for_end(daemons.submit("true"))
        files, memory = open_files(pid), resident_bytes(pid)
        holder = hold(daemons.ports[port], kind, CONNECTIONS)
        try:
            assert holder.stdout.readline() == "ready\n"
            peak = open_files(pid) - files
            report = daemons.wait_for_end(daemons.submit("exit 7"))
            assert "exitCode: 7" in report["diagnostics"]
            run = subprocess.run(
                [str(heddle_program()), "node", "-list"],
                env=os.environ | {"HADOOP_CONF_DIR": str(daemons.conf)},
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert run.returncode == 0 and "Total Nodes:1" in run.stdout, run.stdout + run.stderr
            grown = resident_bytes(pid) - memory
            print(f"{daemon} {port}: {peak} of {CONNECTIONS} open, {grown // max(peak, 1)} bytes each")
            assert grown < CONNECTIONS * 16 * 1024
        finally:
            holder.stdin.close()
            holder.wait(60)
        settled(pid, files + 8)
        assert "exitCode: 7" in daemons.wait_for_end(daemons.submit("exit 7"))["diagnostics"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
