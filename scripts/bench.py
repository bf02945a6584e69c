"""Measures whole processes: start-up, idle cost, and Spark's wall time. Run by scripts/bench.sh."""

import http.client
import json
import os
import re
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
        print(f"{name:60} {value:12.2f} {unit}", flush=True)


class Cluster:
    """A cluster of `heddle up`, for the time of a `with`."""

    def __init__(self, nodes=2, memory="4g", vcores=4):
        self.options = ["--nodes", str(nodes), "--memory", memory, "--vcores", str(vcores)]

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="heddle-bench.")
        self.data = Path(self.folder.name) / "cluster"
        begin = time.monotonic()
        subprocess.run(
            [HEDDLE, "up", "--detach", "--directory", self.data, *self.options], check=True, capture_output=True
        )
        self.seconds = time.monotonic() - begin
        return self

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


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def start():
    """From exec of the ResourceManager to its first 200 on /ws/v1/cluster/info, best of five."""
    with Cluster(nodes=1) as cluster:
        show("heddle up, one node, until it returns", cluster.seconds * 1000, "ms")
        conf, port = cluster.conf, cluster.web_port()
        for pid in cluster.processes().values():
            os.kill(pid, 9)
        times = []
        for _ in range(5):
            time.sleep(0.2)
            begin = time.monotonic()
            environment = os.environ | {"HADOOP_CONF_DIR": str(conf)}
            daemon = subprocess.Popen([HEDDLE, "resourcemanager"], env=environment, stderr=subprocess.DEVNULL)
            try:
                while not answers(port):
                    time.sleep(0.001)
                times.append(time.monotonic() - begin)
            finally:
                daemon.kill()
                daemon.wait()
        show("ResourceManager, exec to first 200 on /ws/v1/cluster/info", min(times) * 1000, "ms")


def answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/ws/v1/cluster/info")
        return connection.getresponse().status == 200
    except OSError:
        return False


def idle():
    """Memory and CPU of daemons that have nothing to do but their heartbeats."""
    with Cluster(nodes=1) as cluster:
        time.sleep(3)
        before = {name: cpu_seconds(pid) for name, pid in cluster.processes().items()}
        time.sleep(20)
        for name, pid in cluster.processes().items():
            show(f"{name}: resident memory", resident_mib(pid), "MiB")
            show(f"{name}: CPU while idle", (cpu_seconds(pid) - before[name]) / 20 * 100, "% of a core")


def submit(job, environment, *options):
    begin = time.monotonic()
    run = subprocess.run(
        [f"{environment['SPARK_HOME']}/bin/spark-submit", *options, *job], env=environment, capture_output=True, text=True
    )
    if run.returncode:
        raise SystemExit(run.stderr[-3000:])
    return time.monotonic() - begin, run.stderr


def spark():
    """pi.py of Spark's examples' size, against local[2]; then where an application's time goes."""
    import pyspark

    home = os.path.dirname(pyspark.__file__)
    job = [str(ROOT / "Tests" / "Interop" / "jobs" / "pi.py"), "10"]
    environment = os.environ | {"SPARK_HOME": home, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    environment.pop("HADOOP_CONF_DIR", None)
    local, _ = submit(job, environment, "--master", "local[2]")
    show("pi.py 10, local[2]", local, "s")
    with Cluster() as cluster:
        environment["HADOOP_CONF_DIR"] = str(cluster.conf)
        for mode in ("client", "cluster"):
            options = ["--master", "yarn", "--deploy-mode", mode, "--num-executors", "2", "--executor-memory", "512m"]
            options += ["--conf", f"spark.yarn.jars=local:{home}/jars/*"]
            options += ["--conf", f"spark.yarn.stagingDir=file://{cluster.folder.name}/staging"]
            seconds, log = submit(job, environment, *options)
            show(f"pi.py 10, {mode} mode, 2 executors", seconds, "s")
            show(f"pi.py 10, {mode} mode, more than local[2]", seconds - local, "s")
            application = re.search(r"application_\d+_\d+", log).group()
            timeline(cluster, application, mode)


def timeline(cluster, application, mode):
    run = subprocess.run(
        [HEDDLE, "application", "-status", application, "--json"],
        env=os.environ | {"HADOOP_CONF_DIR": str(cluster.conf)},
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(run.stdout)
    begin = report["startedTime"]
    show(f"{mode}: submitted to ApplicationMaster launched", report["launchTime"] - begin, "ms")
    started = {}
    for script in cluster.data.glob(f"nodes/*/logs/{application}/*/launch_container.sh"):
        started[script.parent.name] = script.stat().st_mtime * 1000 - begin
    for number, container in enumerate(sorted(started)):
        what = "ApplicationMaster" if number == 0 else f"executor {number}"
        show(f"{mode}: submitted to start of {what}", started[container], "ms")
    show(f"{mode}: submitted to finished", report["finishedTime"] - begin, "ms")


AREAS = {"start": start, "idle": idle, "spark": spark}

for area in sys.argv[1:]:
    if area in AREAS:
        AREAS[area]()
