"""What happens to a program of the library `Heddle` when a process ends at a certain point of its work, or a whole machine with
all that it runs. Tasks stand still at that point and say where they are (Tests/EngineProgram/jobs/Phases.swift)."""

import base64
import http.client
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from cluster import heddle_program, processes, wait_until
from engine import PROGRAM, executors, finish, masters, running, start

PARCELS = sum((256 << 10) * (97 + number % 26) for number in range(64))
RECEIPTS = sum((2 << 20) * byte for byte in b"ab")


class Stand:
    """A place where one task stands still until it is let go."""

    def __init__(self, folder):
        self.file = folder / "stand"

    def pid(self):
        """Of the process that stands there."""
        wait_until(self.file.exists, 60, "a task that stands still")
        return int(self.file.read_text())

    def go(self):
        Path(f"{self.file}.go").touch()


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: pid not in processes(), 10, f"the end of {pid}")


@pytest.mark.parametrize("victim", ["reader", "server"])
def test_an_executor_is_killed_while_it_fetches_or_is_fetched_from(cluster, tmp_path, victim):
    """The task has begun to read what others wrote, and most of that is still to come. What the victim wrote is written again."""
    stand, runs = Stand(tmp_path), tmp_path / "runs"
    runs.mkdir()
    options = ["--conf", "spark.shuffle.compress=false", "--conf", "spark.reducer.maxSizeInFlight=1m"]
    process, application = running(cluster, "client", "stand-fetching", stand.file, runs, options=options)
    reader = stand.pid()
    assert len(list(runs.iterdir())) == 4
    (other,) = [pid for pid in executors(cluster, application) if pid != reader]
    kill(reader if victim == "reader" else other)
    stand.go()
    code, output, errors, _ = finish(process)
    assert (code, output) == (0, f"{PARCELS}\n"), errors
    assert len(list(runs.iterdir())) > 4, "nothing was written again"
    cluster.assert_clean(application)


def waiting_bytes(pid, port):
    """What a process has not read yet of the connections that came to its port."""
    wanted, count = f":{port:04X}", 0
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        local, _, state, queues = line.split()[1:5]
        if local.endswith(wanted) and state != "0A":
            count += int(queues.split(":")[1], 16)
    return count


def environment(pid):
    """Its words `NAME=VALUE`; none where it is gone."""
    return processes().get(pid, ((), ()))[1]


def environment_of(pid, name):
    return next(e.split("=", 1)[1] for e in environment(pid) if e.startswith(f"{name}="))


def test_an_executor_is_killed_while_its_result_is_returned(tmp_path):
    """It has told that there is a result of two megabytes; the driver, which stands still then, has not fetched it."""
    stand = Stand(tmp_path)
    words = [heddle_program(), "submit", "--master", "local-cluster[1,1,512]"]
    words += ["--conf", "spark.executor.heartbeatInterval=100s", PROGRAM, "-", "stand-returning", stand.file]
    driver = subprocess.Popen(
        [str(word) for word in words],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    executor = stand.pid()
    port = int(environment_of(executor, "HEDDLE_DRIVER").split(":")[1])
    os.kill(driver.pid, signal.SIGSTOP)
    try:
        assert waiting_bytes(driver.pid, port) == 0
        stand.go()
        wait_until(lambda: waiting_bytes(driver.pid, port) > 0, 60, "the report of the task")
        os.kill(executor, signal.SIGKILL)
    finally:
        os.kill(driver.pid, signal.SIGCONT)
    output, errors = driver.communicate(timeout=120)
    assert (driver.returncode, output) == (0, f"{RECEIPTS}\n"), errors
    left = [path.name for path in tmp_path.iterdir() if not path.name.startswith("stand")]
    assert not left and executor not in processes()


# A machine


def lose_machine(cluster, number):
    """All at once that a machine runs: its NodeManager, what looks after its containers, and these."""
    cluster.kill(f"nodemanager-{number}")
    folder = f"{cluster.data}/nodes/{number}/"

    def there():
        return [
            pid
            for pid, (words, environment) in processes().items()
            if any(folder in word for word in words) or any(e.startswith(f"LOCAL_DIRS={folder}") for e in environment)
        ]

    # Supervisors first, so that none of them tells how its container ended.
    for pid in sorted(there(), key=lambda pid: not processes().get(pid, ([""],))[0][0].endswith("heddle-supervisor")):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    wait_until(lambda: not there(), 10, "the end of the machine")


def host_of_master(cluster, application):
    host = cluster.report(application)["amHost"]
    return next(number for number in (1, 2) if f"127.0.0.{number + 1}" == host)


@pytest.mark.parametrize("mode,attempts", [("client", None), ("cluster", None), ("cluster", 1)])
def test_the_machine_of_the_application_master_is_lost(make_cluster, tmp_path, mode, attempts):
    """Another ApplicationMaster takes its place, also where spark.yarn.maxAppAttempts is 1, as it is in client mode: as in Hadoop's, a
    lost node is not the attempt's failure. In client mode the driver goes on with it; in cluster mode the driver was lost, and
    the program runs anew."""
    cluster, more = make_cluster(nodes=2), tmp_path / "more"
    options = ["--conf", f"spark.yarn.maxAppAttempts={attempts}"] if attempts else []
    process, application = running(cluster, mode, "waves", "20", more, options=options)
    # The first half is done, and nothing else runs until there is the file.
    first = f"{sum(range(20))}\n"
    if mode == "client":
        assert process.stdout.readline() == first
    else:
        wait_until(lambda: cluster.driver_output(application) == first, 60, "the first half")
    lose_machine(cluster, host_of_master(cluster, application))
    earlier = set(executors(cluster, application))

    def has_another():
        masters_now = masters(cluster, application)
        return masters_now and any(f"{application.removeprefix('application')}_02_000001" in e for pid in masters_now for e in environment(pid))

    wait_until(has_another, 120, "another ApplicationMaster")
    if mode == "client":
        wait_until(lambda: len(executors(cluster, application)) == 2, 60, "its executors")
    more.touch()
    output, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    if mode == "client":
        assert output == first
    else:
        assert cluster.driver_output(application, attempt=2) == first * 2
        assert not earlier & set(executors(cluster, application))
    assert cluster.wait_for(application, "FINISHED")["finalStatus"] == "SUCCEEDED"
    # When the lost machine comes back nothing of the application is on it.
    assert "Started again: nodemanager" in cluster.up()
    cluster.assert_clean(application, seconds=60)


# What travels


def sent_blocks(text):
    """Name and size of the blocks that a process says to have sent."""
    return [(name, int(size)) for name, size in re.findall(r"Sends block (\S+): (\d+) bytes", text)]


def test_an_argument_travels_once_to_each_executor():
    """However many tasks and jobs are handed it, as a value or as a broadcast."""
    words = [heddle_program(), "submit", "--master", "local-cluster[2,2,512]", "--conf", "spark.log.level=DEBUG", PROGRAM, "-", "share"]
    run = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)
    value, shared = sum(n * 3 + 300_000 for n in range(40)), sum(n * 5 + 200_000 for n in range(40))
    assert (run.returncode, run.stdout) == (0, f"{[value, shared] * 3} 2\n"), run.stderr[-3000:]
    sent = sent_blocks(run.stderr)
    names = sorted(name for name, _ in sent)
    assert len(set(names)) == 2 and names == sorted(list(set(names)) * 2), sent
    assert all(name.startswith("value/") and size > 200_000 for name, size in sent), sent


def test_results_above_one_mebibyte_travel_as_blocks(cluster):
    """Each once, and nothing of them in an answer: those hold no more."""
    code, output, errors, application = finish(start(cluster, "client", "large", options=["--conf", "spark.log.level=DEBUG"]))
    assert code == 0, errors
    logs = cluster.data.glob(f"nodes/*/logs/{application}/container_*/stderr")
    sent = [block for log in logs for block in sent_blocks(log.read_text()) if block[0].startswith("result/")]
    assert len(sent) == len(set(sent)) == 3 and all(size > 1 << 20 for _, size in sent), sent
    cluster.assert_clean(application)


def listening_ports(pid):
    """Of a process, on IPv4."""
    sockets = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(os.readlink(descriptor))
        except OSError:
            pass
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets}


def test_an_outsider_gets_no_block(cluster, tmp_path):
    """Of a driver and of an executor that have some, without a signature and with that of another application."""
    stand = Stand(tmp_path)
    options = ["--conf", "spark.log.level=DEBUG", "--conf", "spark.ui.enabled=false"]
    process, application = running(cluster, "client", "stand-sharing", stand.file, options=options)
    executor = stand.pid()
    # The value that the standing task has, by the driver's own word.
    ((name, size),) = sent_blocks(next(line for line in process.stderr if "Sends block value/" in line))
    assert size > 300_000
    driver, host = (environment_of(executor, name) for name in ("HEDDLE_DRIVER", "HEDDLE_EXECUTOR_HOST"))
    (port,) = listening_ports(process.pid) - {int(driver.split(":")[1])}
    (executor_port,) = listening_ports(executor)
    for host, port, block in ((driver.split(":")[0], port, name), (host, executor_port, "result/0")):
        for headers in ({}, {"X-Heddle-Signature": base64.b64encode(bytes(32)).decode()}):
            connection = http.client.HTTPConnection(host, port, timeout=10)
            connection.request("GET", f"/v1/{block}", headers=headers)
            reply = connection.getresponse()
            assert (reply.status, reply.read()) == (403, b"403 Forbidden: not signed with the application's secret\n")
            connection.close()
    stand.go()
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (0, "3\n"), errors
    cluster.assert_clean(application)
