"""Measures whole processes: start-up, idle cost, and Spark's wall time. Run by scripts/bench.sh."""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEDDLE = os.environ["HEDDLE"]
AS_JSON = "--json" in sys.argv


def show(name, value, unit):
    if AS_JSON:
        print(json.dumps({"name": name, "value": round(value, 3), "unit": unit}), flush=True)
    else:
        print(f"{name:66} {value:8.{0 if value >= 1000 else 1 if value >= 10 else 3}f} {unit}", flush=True)


class Cluster:
    """A cluster of `heddle up`, for the time of a `with`."""

    def __init__(self, nodes=2, memory="4g", vcores=4):
        self.options = ["--nodes", str(nodes), "--memory", memory, "--vcores", str(vcores)]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="heddle-bench.")
        self.data = Path(self.folder.name) / "cluster"
        self.seconds = self.up()
        return self

    def up(self):
        """Starts it, or what of it has ended; returns the seconds that took."""
        options = [] if self.data.exists() else self.options
        begin = time.monotonic()
        subprocess.run([HEDDLE, "up", "--detach", "--directory", self.data, *options], check=True, capture_output=True)
        return time.monotonic() - begin

    def __exit__(self, *_):
        subprocess.run([HEDDLE, "down", "--directory", self.data], check=True, capture_output=True)
        self.folder.cleanup()

    @property
    def conf(self):
        return self.data / "conf"

    def processes(self):
        return {line.split()[0]: int(line.split()[1]) for line in (self.data / "processes").read_text().splitlines()}

    def web_port(self):
        site = (self.conf / "yarn-site.xml").read_text()
        return int(re.search(r"resourcemanager.webapp.address</name>\s*<value>[^:]+:(\d+)", site).group(1))

    def application(self, application):
        """What REST says of an application."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port(), timeout=10)
        connection.request("GET", f"/ws/v1/cluster/apps/{application}", headers={"Accept": "application/json"})
        return json.load(connection.getresponse())["app"]


def cpu_seconds(pid):
    """Of all its threads, those that have ended too, from the kernel's CPU clock of the process (clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_mib(pid, field):
    return int(re.search(rf"{field}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


# Start-up


def start():
    """From exec of the ResourceManager to its first 200 on /ws/v1/cluster/info, and a whole cluster's readiness."""
    with Cluster(nodes=1) as cluster:
        show("start.heddle-up.one-node", cluster.seconds * 1000, "ms")
        for pid in cluster.processes().values():
            os.kill(pid, 9)
        port = cluster.web_port()
        times = [first_answer(cluster.conf, port) * 1000 for _ in range(9)]
        show("start.resourcemanager.first-200.median", statistics.median(times), "ms")
        show("start.resourcemanager.first-200.least", min(times), "ms")


def first_answer(conf, port):
    command = [HEDDLE, "resourcemanager", "--config", str(conf)]
    begin = time.monotonic()
    daemon = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not answers(port):
            time.sleep(0.001)
            assert daemon.poll() is None, "the ResourceManager ended"
        return time.monotonic() - begin
    finally:
        daemon.kill()
        daemon.wait()


def answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/ws/v1/cluster/info")
        return connection.getresponse().status == 200
    except OSError:
        return False


# Idle cost


def idle(seconds=20):
    """Memory and CPU of daemons that have nothing to do but their heartbeats."""
    with Cluster(nodes=1) as cluster:
        time.sleep(3)
        daemons = {
            "nodemanager" if "node" in name else "resourcemanager": pid for name, pid in cluster.processes().items()
        }
        before = {name: cpu_seconds(pid) for name, pid in daemons.items()}
        time.sleep(seconds)
        for name, pid in daemons.items():
            show(f"idle.{name}.resident", memory_mib(pid, "VmRSS"), "MiB")
            show(f"idle.{name}.resident.own", memory_mib(pid, "RssAnon"), "MiB")
            show(f"idle.{name}.cpu", (cpu_seconds(pid) - before[name]) / seconds * 1000, "ms/s")


# Spark

LOG_FORMAT = """
rootLogger.level = info
rootLogger.appenderRef.stdout.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = @%d{UNIX_MILLIS} %p %c{1}: %m%n
"""


def submit(job, environment, *options):
    """Seconds, when it began, and what spark-submit logged."""
    begin, began_at = time.monotonic(), time.time()
    command = [f"{environment['SPARK_HOME']}/bin/spark-submit", *options, *job]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stderr[-3000:])
    return time.monotonic() - begin, began_at * 1000, run.stderr


def spark(repetitions=3):
    """A job of Spark's own examples' size on a cluster, against the same job under local[2], in turns."""
    import pyspark

    home = os.path.dirname(pyspark.__file__)
    job = [str(ROOT / "Tests" / "Interop" / "jobs" / "pi.py"), "10"]
    environment = os.environ | {"SPARK_HOME": home, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("HADOOP_CONF_DIR", None)
    with Cluster() as cluster:
        on_cluster = environment | {"HADOOP_CONF_DIR": str(cluster.conf)}
        options = yarn_options(cluster, home)
        seconds = {"local": [], "client": [], "cluster": []}
        for _ in range(repetitions):
            seconds["local"].append(submit(job, environment, "--master", "local[2]")[0])
            for mode in ("client", "cluster"):
                seconds[mode].append(submit(job, on_cluster, *options, "--deploy-mode", mode)[0])
        medians = {mode: statistics.median(values) for mode, values in seconds.items()}
        show("spark.local[2]", medians["local"], "s")
        for mode in ("client", "cluster"):
            show(f"spark.{mode}", medians[mode], "s")
            more = [ours - local for ours, local in zip(seconds[mode], seconds["local"])]
            show(f"spark.{mode}.more-than-local", statistics.median(more), "s")
        for mode in ("client", "cluster"):
            timeline(cluster, mode, job, on_cluster, options)


def yarn_options(cluster, home):
    staging = f"file://{cluster.folder.name}/staging"
    confs = {"spark.yarn.jars": f"local:{home}/jars/*", "spark.yarn.stagingDir": staging}
    options = ["--master", "yarn", "--num-executors", "2", "--executor-memory", "512m"]
    return options + [word for name, value in confs.items() for word in ("--conf", f"{name}={value}")]


def timeline(cluster, mode, job, environment, options):
    """Where the time of one application goes: every moment that leaves a trace, and how long after the one before."""
    folder = Path(cluster.folder.name)
    (folder / "log4j2.properties").write_text(LOG_FORMAT)
    events = folder / f"events-{mode}"
    events.mkdir()
    logging = f"-Dlog4j2.configurationFile=file:{folder}/log4j2.properties"
    confs = {"spark.eventLog.enabled": "true", "spark.eventLog.dir": f"file:{events}"}
    confs |= {f"spark.{who}.extraJavaOptions": logging for who in ("driver", "executor")}
    if mode == "client":
        confs["spark.yarn.am.extraJavaOptions"] = logging
    words = [word for name, value in confs.items() for word in ("--conf", f"{name}={value}")]
    environment = environment | {"SPARK_SUBMIT_OPTS": logging}
    seconds, begin, log = submit(job, environment, *options, *words, "--deploy-mode", mode)
    application = re.search(r"application_\d+_\d+", log).group()
    moments = [("spark-submit is executed", begin), ("its JVM logs its first line", first_line(log))]
    moments += rest_moments(cluster, application) + container_moments(cluster, application)
    moments += event_moments(events) + [("spark-submit ends", begin + seconds * 1000)]
    moments = sorted(((what, at) for what, at in moments if at), key=lambda moment: moment[1])
    before = begin
    for what, at in moments:
        show(f"timeline.{mode}: {what}", (at - begin) / 1000, "s")
        if at - before >= 100:
            show(f"timeline.{mode}:     which is later by", (at - before) / 1000, "s")
        before = at


def rest_moments(cluster, application):
    report = cluster.application(application)
    return [
        ("the ResourceManager takes the application", report["startedTime"]),
        ("the ApplicationMaster's container is launched", report["launchTime"]),
        ("the ResourceManager calls it finished", report["finishedTime"]),
    ]


def container_moments(cluster, application):
    """When a container's script was written, when its JVM logged its first line, and what an ApplicationMaster said."""
    moments = []
    for script in cluster.data.glob(f"nodes/*/logs/{application}/*/launch_container.sh"):
        number = int(script.parent.name.rsplit("_", 1)[1])
        who = "the ApplicationMaster" if number == 1 else f"executor {number - 1}"
        log = (script.parent / "stderr").read_text(errors="replace")
        moments.append((f"the NodeManager starts {who}", script.stat().st_mtime * 1000))
        moments.append((f"{who}'s JVM logs its first line", first_line(log)))
        if number == 1:
            moments.append(("the ApplicationMaster registers", line_with(log, "Registering the ApplicationMaster")))
            moments.append(("the ApplicationMaster asks for executors", line_with(log, "Submitted container request")))
            moments.append(("the ApplicationMaster has its grants", line_with(log, "Launching container")))
        else:
            moments.append((f"{who} connects to the driver", line_with(log, "Connecting to driver")))
    return moments


def event_moments(folder):
    """From Spark's own record of the job. It names only starts of what it counts, and in the driver's clock."""
    moments, tasks = [], []
    names = {
        "SparkListenerApplicationStart": "the driver's SparkContext begins",
        "SparkListenerJobStart": "the job starts",
        "SparkListenerJobEnd": "the job ends",
        "SparkListenerApplicationEnd": "the driver's SparkContext ends",
    }
    for file in folder.rglob("*"):
        for line in file.read_text().splitlines() if file.is_file() and file.name.startswith(("app", "events")) else []:
            event = json.loads(line)
            kind = event.get("Event")
            if kind in names:
                keys = ("Timestamp", "Submission Time", "Completion Time")
                moments.append((names[kind], next(event[key] for key in keys if key in event)))
            elif kind == "SparkListenerExecutorAdded":
                moments.append((f"executor {event['Executor ID']} is registered", event["Timestamp"]))
            elif kind == "SparkListenerTaskEnd":
                tasks.append(event["Task Info"])
    if tasks:
        moments.append(("the first task is launched", min(task["Launch Time"] for task in tasks)))
        moments.append(("the first task has ended", min(task["Finish Time"] for task in tasks)))
    return moments


def first_line(log):
    return line_with(log, "")


def line_with(log, text):
    found = re.search(rf"^@(\d+) .*{re.escape(text)}", log, re.MULTILINE)
    return int(found.group(1)) if found else None


AREAS = {"start": start, "idle": idle, "spark": spark}

for area in sys.argv[1:]:
    if area in AREAS:
        AREAS[area]()
