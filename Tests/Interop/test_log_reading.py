"""Logs that are still on their nodes: `heddle logs` of running applications, who may read, and links that go on working
when the application has ended."""

import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from cluster import heddle_program, wait_until
from daemons import Daemons, resident_bytes


@pytest.fixture
def daemons(tmp_path):
    made = Daemons(tmp_path)
    made.set(
        **{
            "yarn.log-aggregation-enable": "true",
            "yarn.nodemanager.remote-app-log-dir": f"file://{tmp_path}/remote",
            "yarn.nodemanager.recovery.enabled": "true",
            "yarn.nodemanager.recovery.supervised": "true",
            "yarn.client.nodemanager-connect.max-wait-ms": "60000",
        }
    )
    yield made
    made.close()


def command(daemons, *words, user="root"):
    environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
    environment |= {"HADOOP_CONF_DIR": str(daemons.conf), "HADOOP_USER_NAME": user}
    return [str(heddle_program()), "logs", *words], environment


def heddle(daemons, *words, user="root"):
    program, environment = command(daemons, *words, user=user)
    return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60)


def running(daemons, script):
    """Submits a shell command that ends when the file `end` appears, and waits until it writes."""
    application = daemons.submit(f"{script}; while [ ! -e {daemons.folder}/end ]; do sleep 0.1; done; exit 0")
    folder = daemons.log_folder(application)
    return application, folder.name, folder


def end(daemons, application):
    (daemons.folder / "end").touch()
    daemons.wait_for_end(application)


def page(daemons, port, path):
    """Status, headers and body, redirects not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    try:
        address = path if path.startswith("http") else f"http://127.0.0.1:{daemons.ports[port]}{path}"
        with urllib.request.build_opener(Stay).open(address, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def test_a_node_that_does_not_answer_is_asked_as_often_as_the_command_line_says(daemons):
    daemons.start_both()
    application, container, folder = running(daemons, "echo out 1><LOG_DIR>/stdout")
    wait_until(lambda: (folder / "stdout").exists(), 60, "the log")
    daemons.kill("nodemanager")
    words = ["-containerId", container, "-log_files", "stdout", "-client_retry_interval_ms", "50"]
    gone = heddle(daemons, *words, "-client_max_retries", "2")
    said = "does not answer"
    assert gone.returncode != 0 and gone.stdout == "", gone
    assert said in gone.stderr and "asking again every 0.05 seconds (-client_max_retries, -client_retry_interval_ms)." in gone.stderr
    once = heddle(daemons, *words, "-client_max_retries", "0")
    assert once.returncode != 0 and "asking again" not in once.stderr, once
    # Asked for ever it is there when the node comes back.
    program, environment = command(daemons, *words, "-client_max_retries", "-1")
    patient = subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert said in patient.stderr.readline()
    daemons.start("nodemanager")
    out, _ = patient.communicate(timeout=60)
    assert patient.returncode == 0 and "LogContents:\nout\n" in out, out
    for option, value in (("-client_max_retries", "x"), ("-client_retry_interval_ms", "soon")):
        assert heddle(daemons, "-containerId", container, option, value).returncode != 0
    end(daemons, application)


def test_logs_of_a_running_application(daemons):
    daemons.start_both()
    application, container, folder = running(
        daemons, "seq 1 1000 1><LOG_DIR>/numbers; echo out 1><LOG_DIR>/stdout; echo err 1><LOG_DIR>/stderr; echo 1><LOG_DIR>/done"
    )
    wait_until(lambda: (folder / "done").exists(), 60, "the logs")
    node = f"127.0.0.1:{daemons.ports['container']}"
    title = f"Container: {container} on {node}"
    listed = heddle(daemons, "-applicationId", application, "-show_application_log_info")
    assert listed.stdout == f"Application State: Running.\n{title}\n", listed.stderr
    table = heddle(daemons, "-containerId", container, "-show_container_log_info", "-log_files_pattern", "^num|std").stdout
    assert table.splitlines()[:2] == [title, "=" * len(title)]
    assert table.splitlines()[2].split() == ["LogFile", "LogLength", "LastModificationTime", "LogAggregationType"]
    rows = [line.split() for line in table.splitlines()[4:]]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("numbers", "3893", "LOCAL"),
        ("stderr", "4", "LOCAL"),
        ("stdout", "4", "LOCAL"),
    ]
    shown = heddle(daemons, "-applicationId", application, "-log_files", "stdout,numbers", "-size", "-5", "-am", "-1").stdout
    hint = f"This log file belongs to a running container ({container}) and so may not be complete."
    stars = "*" * (len("End of LogType:stdout") + 50)
    assert shown.endswith(f"LogLength:4\nLogContents:\nout\n\nEnd of LogType:stdout.{hint}\n{stars}\n\n"), shown
    assert "LogType:numbers\n" in shown and "LogContents:\n1000\n\nEnd of LogType:numbers." in shown
    assert "LogAggregationType: LOCAL" in shown and "LogType:stderr" not in shown
    # The same bytes stand in what the NodeManager itself gives to Hadoop's command.
    status, headers, text = page(daemons, "container-web", f"/ws/v1/node/containers/{container}/logs/stdout?size=-5")
    assert status == 200 and headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.startswith(f"{title}\nLogAggregationType: LOCAL\n") and f"out\nEnd of LogType:stdout.{hint}" in text
    out = daemons.folder / "out"
    assert heddle(daemons, "-applicationId", application, "-out", str(out)).returncode == 0
    assert "LogContents:\nout\n" in (out / node.replace(":", "_") / container).read_text()
    for words, said in (
        (["-list_nodes"], "can be only used with finished applications"),
        (["-log_files", "absent"], "Can not find any log file matching the pattern: [absent]"),
        (["-log_files", "a", "-log_files_pattern", "b"], "Can only accept one of log_files/log_files_pattern."),
        (["-am", "2"], "exceeds the number of AM containers (1)"),
        (["-am", "x"], "Invalid input for option -am."),
        (["-size_limit_mb", "0"], "The total log size is too large."),
        (["-containerId", "container_1_0001_01_000001"], "does not have the container"),
        (["-containerId", container.replace("_000001", "_000077")], "is still running"),
        (["-out", __file__], "Please provide a directory."),
    ):
        refused = heddle(daemons, "-applicationId", application, *words)
        assert refused.returncode == 255 and said in refused.stderr, (words, refused)
        assert refused.stdout == ""
    assert heddle(daemons, "-applicationId", "nonsense").stderr == "Invalid ApplicationId specified\n"
    nothing = heddle(daemons)
    assert nothing.returncode == 255 and "one of them must be specified" in nothing.stderr
    # A reader who goes away ends the command.
    program, environment = command(daemons, "-applicationId", application)
    early = subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    early.stdout.read(10)
    early.stdout.close()
    early.wait(60)
    assert early.stderr.read() == b""
    early.stderr.close()
    end(daemons, application)


class Follower:
    """`heddle logs --follow`, whose output grows in a file."""

    def __init__(self, daemons, name, *words):
        program, environment = command(daemons, *words, "--follow")
        self.output = daemons.folder / name
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(program, env=environment, stdout=output, stderr=subprocess.PIPE, text=True)

    def begins(self, text):
        wait_until(lambda: self.output.read_text().startswith(text), 60, f"{text!r} in {self.output.name}")

    def end(self):
        errors = self.process.communicate(timeout=120)[1]
        assert self.process.returncode == 0, errors
        return self.output.read_text()


def test_following_neither_repeats_nor_loses_a_byte(daemons):
    """Not while the container writes, not when its NodeManager is killed and starts again, not when all is aggregated."""
    daemons.start_both()
    go = daemons.folder / "go"
    script = (
        "seq 1 5000 1>><LOG_DIR>/numbers; "
        f"while [ ! -e {go} ]; do sleep 0.05; done; "
        + "".join(f"seq {first}0001 {first}5000 1>><LOG_DIR>/numbers; sleep 0.3; " for first in range(1, 9))
        + "echo -n last 1>><LOG_DIR>/numbers"
    )
    application, container, folder = running(daemons, script)
    wait_until(lambda: (folder / "numbers").exists() and (folder / "numbers").stat().st_size > 20_000, 60, "numbers")
    one = Follower(daemons, "one", "-containerId", container, "-log_files", "numbers")
    tail = Follower(daemons, "tail", "-containerId", container, "-log_files", "numbers", "-size", "-5")
    all_files = Follower(daemons, "all", "-applicationId", application)
    one.begins("1\n2\n")
    tail.begins("5000\n")
    all_files.begins("==> ")
    go.touch()
    daemons.kill("nodemanager")
    daemons.start("nodemanager")
    end(daemons, application)
    expected = [str(n) for n in range(1, 5001)]
    expected += [str(n) for first in range(1, 9) for n in range(first * 10_000 + 1, first * 10_000 + 5001)]
    assert one.end().split("\n") == [*expected, "last"]
    assert tail.end().split("\n") == [*expected[4999:], "last"]
    text = all_files.end()
    assert f"==> {container} numbers <==\n" in text
    # Parts of one log that others interrupted.
    parts = re.findall(r"==> \S+ numbers <==\n(.*?)(?=\n*==> |\Z)", text, re.S)
    assert "\n".join(part.strip("\n") for part in parts).split("\n") == [*expected, "last"]


def test_following_goes_on_in_the_aggregated_log(daemons):
    """A follower that was held up while the container ended finds the rest where its node put it."""
    daemons.start_both()
    go = daemons.folder / "go"
    script = f"seq 1 1000 1>><LOG_DIR>/numbers; while [ ! -e {go} ]; do sleep 0.05; done; seq 1001 90000 1>><LOG_DIR>/numbers"
    application, container, folder = running(daemons, script)
    followers = [
        Follower(daemons, "one", "-containerId", container, "-log_files", "numbers"),
        Follower(daemons, "all", "-applicationId", application, "-log_files", "numbers"),
    ]
    for follower, beginning in zip(followers, ("1\n2\n", f"==> {container} numbers <==\n1\n2\n")):
        follower.begins(beginning)
        wait_until(lambda: follower.output.read_text().endswith("\n1000\n"), 60, "all that is there")
        follower.process.send_signal(signal.SIGSTOP)
    go.touch()
    end(daemons, application)
    wait_until(lambda: not folder.parent.exists(), 60, "the local logs to go")
    for follower in followers:
        follower.process.send_signal(signal.SIGCONT)
    expected = "".join(f"{number}\n" for number in range(1, 90_001))
    assert followers[0].end() == expected
    assert followers[1].end() == f"==> {container} numbers <==\n{expected}"


def test_only_who_may_view_reads_logs_running_or_aggregated(daemons):
    """An application of root's that lets nobody else look."""
    daemons.set(**{"yarn.acl.enable": "true", "yarn.admin.acl": "admin"})
    daemons.start_both()
    application, container, folder = running(daemons, "echo secret 1><LOG_DIR>/stdout; echo 1><LOG_DIR>/done")
    wait_until(lambda: (folder / "done").exists(), 60, "the logs")
    node = f"127.0.0.1:{daemons.ports['container']}"
    links = [
        ("container-web", f"/node/containerlogs/{container}/root"),
        ("container-web", f"/node/containerlogs/{container}/root/stdout?start=0"),
        ("container-web", f"/ws/v1/node/containers/{container}/logs/stdout"),
        ("container-web", f"/ws/v1/node/containerlogs/{container}/stdout?format=octet-stream"),
    ]

    def check(links):
        for port, link in links:
            for name, allowed in (("root", True), ("admin", True), ("mallory", False), (None, False)):
                mark = "&" if "?" in link else "?"
                status, _, text = page(daemons, port, link + (f"{mark}user.name={name}" if name else ""))
                assert (status == 200) == allowed and ("secret" in text or "stdout" in text) == allowed, (link, name, text)
                assert allowed or f"User [{name or 'dr.who'}] is not authorized to view the logs for" in text, text

    check(links)
    assert "secret" in heddle(daemons, "-applicationId", application, user="admin").stdout
    stranger = heddle(daemons, "-containerId", container, user="mallory")
    assert stranger.returncode != 0 and "secret" not in stranger.stdout, stranger
    end(daemons, application)
    wait_until(lambda: not folder.parent.exists(), 60, "the local logs to go")
    # The links that were given out lead to the aggregated logs.
    base = f"/jobhistory/logs/{node}/{container}/{container}/root"
    for tail in ("", "/stdout?start=0"):
        wait_until(
            lambda: page(daemons, "container-web", f"/node/containerlogs/{container}/root{tail}&user.name=root".replace("root&", "root?"))[0] == 307,
            60,
            "the NodeManager to send readers on",
        )
    status, headers, text = page(daemons, "container-web", f"/node/containerlogs/{container}/root/stdout?start=0&user.name=root")
    assert headers["Location"] == f"http://127.0.0.1:{daemons.ports['webapp']}{base}/stdout?start=0&user.name=root"
    assert text == f"Redirecting to log server : {headers['Location']}\n"
    status, _, text = page(daemons, None, headers["Location"])
    assert status == 200 and "<pre>secret\n</pre>" in text
    check([("webapp", base), ("webapp", f"{base}/stdout"), ("webapp", f"{base}/stdout?format=octet-stream")])
    refused = heddle(daemons, "-applicationId", application, "-appOwner", "root", user="mallory")
    assert refused.returncode == 255 and "User [mallory] is not authorized to view the logs for" in refused.stderr
    assert "secret" in heddle(daemons, "-applicationId", application, user="admin").stdout


def test_links_of_ended_applications_need_no_node(daemons):
    daemons.start_both()
    application, container, folder = running(daemons, "seq 1 100000 1><LOG_DIR>/stdout; echo '<b>' 1><LOG_DIR>/stderr")
    node = f"127.0.0.1:{daemons.ports['container']}"
    on_node = f"http://127.0.0.1:{daemons.ports['container-web']}/node/containerlogs/{container}/root"
    assert daemons.report(application)["amContainerLogs"] == on_node
    end(daemons, application)
    wait_until(
        lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs to be aggregated"
    )
    daemons.stop("nodemanager")
    link = daemons.report(application)["amContainerLogs"]
    assert link == f"http://127.0.0.1:{daemons.ports['webapp']}/jobhistory/logs/{node}/{container}/{container}/root"
    attempts = daemons.get("webapp", f"/ws/v1/cluster/apps/{application}/appattempts")
    assert [a["logsLink"] for a in attempts["appAttempts"]["appAttempt"]] == [link]
    for path in (f"/cluster/app/{application}", f"/cluster/appattempt/{application.replace('application', 'appattempt')}_000001"):
        assert link in page(daemons, "webapp", path)[2], path
    status, _, text = page(daemons, None, link)
    assert status == 200 and "99999\n100000\n" in text and "&lt;b&gt;" in text and "<b>" not in text
    assert "Showing 4096 of 588895 bytes" in text and "\n1\n2\n3\n" not in text
    for target in re.findall(r'href="(/jobhistory/[^"]*)"', text):
        status, headers, body = page(daemons, "webapp", target.replace("&amp;", "&"))
        assert status == 200, target
        if "octet-stream" in target and "/stdout" in target:
            assert body == "".join(f"{n}\n" for n in range(1, 100_001))
            assert headers["Content-Disposition"].startswith(f'attachment; filename="{container}-stdout"')
            assert headers["Content-Length"] == str(len(body))
    assert page(daemons, None, f"{link}/absent")[0] == 404
    assert page(daemons, None, link.replace("_01_000001", "_01_000009"))[0] == 404
    assert page(daemons, None, f"{link}x")[0] == 404
    for wrong in ("?start=x", "?end=y", "?start.time=5&end.time=4"):
        assert page(daemons, None, f"{link}/stdout{wrong}")[0] == 400
    assert page(daemons, None, link.replace(node, "nonsense"))[0] == 400


def test_the_log_server_of_the_configuration_is_where_links_lead(daemons):
    server = "http://logs.example:19888/jobhistory/logs"
    daemons.set(**{"yarn.log.server.url": server, "yarn.log.server.web-service.url": "http://logs.example:19888/ws/v1/history/"})
    daemons.start_both()
    node = f"127.0.0.1:{daemons.ports['container']}"
    container = "container_1_0001_01_000001"
    status, headers, _ = page(daemons, "container-web", f"/node/containerlogs/{container}/alice/std%20out/?start=-4096")
    assert (status, headers["Location"]) == (307, f"{server}/{node}/{container}/{container}/alice/std%20out?start=-4096")
    status, headers, _ = page(daemons, "container-web", f"/ws/v1/node/containers/{container}/logs/stdout?size=-5")
    assert (status, headers["Location"]) == (
        307,
        f"http://logs.example:19888/ws/v1/history/containers/{container}/logs/stdout?size=-5&redirected_from_node=true",
    )
    application = daemons.submit("echo x 1><LOG_DIR>/stdout")
    daemons.wait_for_end(application)
    wait_until(lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "aggregation")
    assert daemons.report(application)["amContainerLogs"].startswith(f"{server}/{node}/container_")


def test_what_was_not_aggregated_is_read_from_its_node(daemons):
    """Hadoop's command shows nothing of an ended application whose logs are not aggregated."""
    daemons.set(**{"yarn.log-aggregation-enable": "false"})
    daemons.start_both()
    application = daemons.submit("echo left behind 1><LOG_DIR>/stdout")
    daemons.wait_for_end(application)
    shown = heddle(daemons, "-applicationId", application, "-log_files", "stdout")
    assert "LogContents:\nleft behind\n\nEnd of LogType:stdout.\n" in shown.stdout, shown


def test_a_long_log_passes_in_little_memory(daemons):
    """From the NodeManager, aggregated, and by the command: none holds more than pieces of it."""
    length, mib = 300_000_000, 1 << 20
    daemons.start_both()
    application, container, folder = running(
        daemons, f"head -c {length} /dev/zero 1><LOG_DIR>/stdout; echo small 1><LOG_DIR>/stderr; echo 1><LOG_DIR>/done"
    )
    wait_until(lambda: (folder / "done").exists(), 60, "the log")
    node = f"127.0.0.1:{daemons.ports['container']}"

    def fetched(port, path):
        """How many bytes came."""
        with urllib.request.urlopen(f"http://127.0.0.1:{daemons.ports[port]}{path}", timeout=60) as answer:
            assert answer.headers["Content-Length"] == str(length)
            count = 0
            while piece := answer.read(1 << 16):
                count += len(piece)
            return count

    def growth(name, port, path):
        pid = daemons.running[name].pid
        before = resident_bytes(pid)
        assert fetched(port, path) == length
        return resident_bytes(pid) - before

    raw = "stdout?format=octet-stream"
    assert growth("nodemanager", "container-web", f"/ws/v1/node/containerlogs/{container}/{raw}") < 64 * mib
    end(daemons, application)
    wait_until(lambda: not folder.parent.exists(), 60, "the local logs to go")
    base = f"/jobhistory/logs/{node}/{container}/{container}/root"
    assert growth("resourcemanager", "webapp", f"{base}/{raw}") < 64 * mib
    # The end of a long log and a short one beside it take no more reading than their own.
    tail = heddle(daemons, "-containerId", container, "-log_files", "stdout", "-size", "-3").stdout
    assert f"LogLength:{length}\nLogContents:\n\0\0\0\n" in tail
    assert "LogContents:\nsmall\n" in heddle(daemons, "-containerId", container, "-log_files", "stderr").stdout
    program, environment = command(daemons, "-containerId", container, "-log_files", "stdout")
    measured = subprocess.run(
        ["/usr/bin/env", "python3", "-c", MEASURE, *program], env=environment, capture_output=True, text=True, timeout=120
    )
    written, peak = map(int, measured.stdout.split())
    assert written > length and peak < 200 * mib, (written, peak)


MEASURE = """
import resource, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)
count = 0
while piece := child.stdout.read(1 << 16):
    count += len(piece)
assert child.wait() == 0
print(count, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""
