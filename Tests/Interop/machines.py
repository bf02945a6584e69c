"""A cluster whose machines share nothing but the network: each NodeManager sees its own folder, Java and Python, and neither
the client's files, nor Spark, nor the folders of the staging server and of the other NodeManagers."""

import os
import shlex
import signal
import subprocess
import tempfile
import urllib.request
import zipfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cluster import ROOT, Cluster, Spark, heddle_program, wait_until
from ports import free_ports
from staging import Staging


@cache
def can_unshare() -> bool:
    """Whether this user may make mount namespaces and mount in them; containers of some CI systems may not."""
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True)
    return tried.returncode == 0


def alone(command: list, kept: list, hidden: list) -> list:
    """`command` in a mount namespace in which of the `hidden` folders only what is `kept` is there."""
    lines = ["set -e", "mount --make-rprivate /", "mount -t tmpfs tmpfs /mnt"]
    for number, folder in enumerate(kept):
        lines += [f"mkdir /mnt/{number}", f"mount --bind {shlex.quote(str(folder))} /mnt/{number}"]
    lines += [f"mount -t tmpfs -o mode=1777 tmpfs {shlex.quote(str(folder))}" for folder in hidden]
    for number, folder in enumerate(kept):
        folder = shlex.quote(str(folder))
        lines += [f"mkdir -p {folder}", f"mount --move /mnt/{number} {folder}"]
    lines += ["umount /mnt", "exec " + shlex.join(map(str, command))]
    return ["unshare", "-m", "sh", "-c", "\n".join(lines)]


@dataclass
class Machines(Cluster):
    """Two nodes, a ResourceManager and a staging server, each a process with a configuration folder of its own.

    The folders lie as `heddle up` lays them, so that the checks of `Cluster` find what they look for.
    """

    # What no node sees besides the test's folders: Spark and the tests.
    hidden: list = field(default_factory=list)
    running: dict = field(default_factory=dict)
    settings: dict = field(default_factory=dict)
    files: Staging = None
    # Folders that every machine has at the same place, such as certificates.
    installed: list = field(default_factory=list)
    # Environment of clients: which Python jobs run with. Unless a test says so, the one that every machine has.
    python: dict = field(default_factory=dict)

    @property
    def uri(self) -> str:
        """Of the staging server, as all machines and clients name it."""
        return self.files.uri

    def make_files(self) -> Staging:
        return Staging(self.folder / "files")

    def up(self):
        self.files = self.make_files()
        self.files.start()
        names = ("address", "scheduler.address", "resource-tracker.address", "admin.address", "webapp.address")
        ports = free_ports(len(names) + 2)
        shared = {f"yarn.resourcemanager.{name}": f"127.0.0.1:{port}" for name, port in zip(names, ports)}
        shared |= {
            "yarn.resourcemanager.hostname": "127.0.0.1",
            "yarn.scheduler.minimum-allocation-mb": "1",
            "yarn.nodemanager.resource.memory-mb": str(int(self.memory.removesuffix("g")) * 1024),
            "yarn.nodemanager.resource.cpu-vcores": str(self.vcores),
            "yarn.nodemanager.vmem-check-enabled": "false",
            "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "98.0",
            "yarn.nodemanager.log.retain-seconds": "86400",
            "yarn.nodemanager.delete.debug-delay-sec": "0",
            "heddle.security.run-containers-as-root": str(os.geteuid() == 0).lower(),
        } | self.settings
        scheduler = {
            "yarn.scheduler.capacity.root.queues": "default",
            "yarn.scheduler.capacity.root.default.capacity": "100",
            "yarn.scheduler.capacity.maximum-am-resource-percent": "0.5",
        }
        self.configure(self.conf, self.data / "resourcemanager", shared, scheduler)
        self.start("resourcemanager", self.conf)
        for number in range(1, self.nodes + 1):
            folder, host = self.data / "nodes" / str(number), f"127.0.0.{number + 1}"
            own = {
                "yarn.nodemanager.hostname": host,
                "yarn.nodemanager.address": f"{host}:{ports[-2]}",
                "yarn.nodemanager.webapp.address": f"{host}:{ports[-1]}",
                "yarn.nodemanager.local-dirs": f"{folder}/local",
                "yarn.nodemanager.log-dirs": f"{folder}/logs",
                "yarn.nodemanager.env-whitelist": "JAVA_HOME,PATH,LANG,SPARK_LOCAL_IP",
            }
            self.configure(folder / "conf", folder, shared | own)
            self.start(f"nodemanager-{number}", folder / "conf", SPARK_LOCAL_IP=host)
        wait_until(lambda: self.rest("/metrics")["clusterMetrics"]["activeNodes"] == self.nodes, 30, "the nodes")

    def configure(self, conf: Path, tmp: Path, values: dict, scheduler=None):
        conf.mkdir(parents=True)
        # The staging server is everybody's file system. Nothing names a folder that two processes have.
        core = {"fs.defaultFS": self.uri, "hadoop.tmp.dir": tmp}
        for name, properties in (("core", core), ("yarn", values), ("hdfs", {}), ("capacity-scheduler", scheduler or {})):
            rows = "".join(f"<property><name>{k}</name><value>{v}</value></property>\n" for k, v in properties.items())
            name = name if name == "capacity-scheduler" else f"{name}-site"
            (conf / f"{name}.xml").write_text(f"<configuration>\n{rows}</configuration>\n")

    def start(self, name: str, conf: Path, **environment):
        command = [heddle_program(), name.split("-")[0], "--config", conf]
        if name != "resourcemanager" and can_unshare():
            command = self.alone(command, conf.parent)
        (self.data / "logs").mkdir(exist_ok=True)
        with open(self.data / "logs" / f"{name}.log", "a") as log:
            self.running[name] = subprocess.Popen(
                [str(word) for word in command],
                env={k: v for k, v in self.environment().items() if k != "HADOOP_CONF_DIR"} | environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if name == "resourcemanager":
            wait_until(lambda: self.answers(name), 30, "the ResourceManager")

    def alone(self, command: list, folder: Path) -> list:
        # Of /tmp, where clients keep what they are about to ship, each machine has its own.
        hidden = {Path("/tmp"), Path(tempfile.gettempdir()), self.folder.parent, ROOT / "Tests", *self.hidden}
        hidden = {path.resolve() for path in hidden}
        outer = [path for path in hidden if not hidden.intersection(path.parents)]
        return alone(command, [folder, heddle_program().resolve().parent, *self.installed], outer)

    def answers(self, name: str):
        assert self.running[name].poll() is None, self.log(name)
        try:
            return self.rest("/info")
        except OSError:
            return None

    def process(self, name: str) -> int:
        return self.running[name].pid

    def down(self):
        """Ends what was started, also if it was not everything."""
        codes = {}
        # Nodes first: they say farewell to the ResourceManager.
        for name in ("nodemanager", "resourcemanager"):
            ending = {k: process for k, process in self.running.items() if k.startswith(name)}
            for process in ending.values():
                process.send_signal(signal.SIGTERM)
            codes |= {k: process.wait(60) for k, process in ending.items()}
        self.files.stop()
        assert set(codes.values()) == {0}, codes
        left = self.container_processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, left

    def spark_environment(self, spark: Spark) -> dict:
        return super().spark_environment(spark) | {"PYSPARK_PYTHON": str(spark.python.resolve())} | self.python

    def default_settings(self, spark: Spark) -> dict:
        """fs.defaultFS says where jobs are staged; Spark's jars are uploaded before the first job."""
        ours = super().default_settings(spark)
        return {k: v for k, v in ours.items() if not k.startswith("spark.yarn.jars") and k != "spark.yarn.stagingDir"} | {
            "spark.yarn.archive": self.archive(spark)
        }

    # Files of the staging server

    def archive(self, spark: Spark) -> str:
        """The address of an archive with Spark's jars, uploaded when it is first asked for."""
        path = f"/spark/{spark.version}.zip"
        if self.files.call("GET", f"{path}?op=GETFILESTATUS")[0] == 404:
            packed = self.folder / f"{spark.version}.zip"
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
                for jar in spark.jars.glob("*.jar"):
                    archive.write(jar, jar.name)
            self.upload(packed, path)
            packed.unlink()
        return f"{self.uri}{path}"

    def upload_jars(self, spark: Spark):
        """Spark's jars as files, each readable by everybody and so one copy a node."""
        for jar in sorted(spark.jars.glob("*.jar")):
            self.upload(jar, f"/spark/{spark.version}/{jar.name}")

    def upload(self, source: Path, path: str):
        command = ["curl", "-sS", "--fail-with-body", "-L", "-T", source, f"{self.files.url(f'{path}?op=CREATE')}"]
        subprocess.run([*map(str, command)], check=True, timeout=120, capture_output=True)

    def staging_folders(self, application: str) -> bool:
        return self.files.call("GET", f"/user/root/.sparkStaging/{application}?op=GETFILESTATUS")[0] == 200

    def assert_clean(self, application: str, seconds=30):
        super().assert_clean(application, seconds)
        assert not self.staging_folders(application), f"a staging folder of {application} is left"

    def localized(self) -> dict:
        """Every file that the nodes keep for all applications -> what changes when it is fetched again."""
        found = {}
        for path in self.data.glob("nodes/*/local/filecache/**/*.jar"):
            status = path.stat()
            found[str(path)] = (status.st_ino, status.st_ctime_ns)
        return found


def fetch(address: str, timeout=30) -> str:
    with urllib.request.urlopen(address, timeout=timeout) as answer:
        return answer.read().decode()
