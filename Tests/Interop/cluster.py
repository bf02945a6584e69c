"""A cluster made by `heddle up`, the real clients that are run against it, and what must not be left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = re.compile(r"application_\d+_\d+")


def heddle_program() -> Path:
    """The program under test: HEDDLE, or the debug build."""
    return Path(os.environ.get("HEDDLE", ROOT / ".build" / "debug" / "heddle"))


def java_home() -> str:
    if "JAVA_HOME" in os.environ:
        return os.environ["JAVA_HOME"]
    return str(Path(shutil.which("java")).resolve().parents[1])


def wait_until(condition, seconds=60.0, what="a condition"):
    """Polls until `condition` returns something true, which is returned; fails when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.1)


@dataclass
class Spark:
    """One release of Spark, as pip installs it."""

    version: str
    python: Path

    @property
    def home(self) -> Path:
        return next(self.python.parents[1].glob("lib/python3*/site-packages/pyspark"))

    @property
    def jars(self) -> Path:
        return self.home / "jars"


def shipped_files(folder: Path) -> list:
    """Options of spark-submit for a file, a module and an archive: what jobs/shipped.py looks for."""
    (folder / "note.txt").write_text("a note")
    (folder / "shipped_module.py").write_text("def double(x):\n    return 2 * x\n")
    with zipfile.ZipFile(folder / "box.zip", "w") as archive:
        archive.writestr("inner/deep.txt", "deep inside")
    shipped = ["--files", folder / "note.txt", "--py-files", folder / "shipped_module.py"]
    return [*shipped, "--archives", f"{folder}/box.zip#box"]


@dataclass
class Submission:
    """A spark-submit that has ended."""

    code: int
    output: str
    log: str

    @property
    def application(self) -> str:
        return APPLICATION.search(self.log).group()

    @property
    def answer(self):
        """What the job printed as its result."""
        return find_answer(self.output)


# A process that lives for seconds spends most of them compiling: a third less of CPU for a whole job.
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def find_answer(text: str):
    lines = [line for line in text.splitlines() if line.startswith("ANSWER ")]
    assert lines, f"the job printed no answer:\n{text[-3000:]}"
    return json.loads(lines[-1].removeprefix("ANSWER "))


def processes():
    """pid -> (command line words, environment words) of every process that this user may look into."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if "\nState:\tZ" in (entry / "status").read_text():
                    continue
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                environment = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
            except OSError:
                continue
            found[int(entry.name)] = (words, environment)
    return found


@dataclass
class Cluster:
    folder: Path
    nodes: int = 2
    memory: str = "3g"
    vcores: int = 4
    extra: dict = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "cluster"

    @property
    def conf(self) -> Path:
        return self.data / "conf"

    @property
    def staging(self) -> Path:
        return self.folder / "staging"

    def environment(self) -> dict:
        keep = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
        return keep | {
            "JAVA_HOME": java_home(),
            "HADOOP_CONF_DIR": str(self.conf),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_HOSTNAME": "127.0.0.1",
        } | self.extra

    # Starting and stopping

    def up(self) -> str:
        """Starts the cluster, or whatever of it has ended; returns what `heddle up` printed."""
        command = [heddle_program(), "up", "--detach", "--directory", self.data]
        if not self.data.exists():
            command += ["--nodes", self.nodes, "--memory", self.memory, "--vcores", self.vcores]
        run = subprocess.run([str(w) for w in command], env=self.environment(), capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stderr
        return run.stdout + run.stderr

    def down(self):
        run = self.heddle("down", "--directory", self.data)
        assert run.returncode == 0, run.stderr
        return run.stderr

    def process(self, name: str) -> int:
        """The pid of `resourcemanager` or `nodemanager-K`."""
        for line in (self.data / "processes").read_text().splitlines():
            if line.split()[0] == name:
                return int(line.split()[1])
        raise AssertionError(f"no {name} in {self.data}")

    def kill(self, name: str):
        """kill -9, as a crash would."""
        pid = self.process(name)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid not in processes(), 10, f"the end of {name}")

    def log(self, name: str) -> str:
        return (self.data / "logs" / f"{name}.log").read_text()

    # Clients

    def heddle(self, *words, timeout=60):
        return subprocess.run(
            [str(heddle_program()), *map(str, words)],
            env=self.environment() | {"TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def hadoop(self, spark: Spark, java_class: str, *words, timeout=60):
        """Hadoop's own command class out of Spark's jars."""
        command = ["-XX:TieredStopAtLevel=1", "-cp", f"{self.conf}:{spark.jars}/*"]
        command += [f"org.apache.hadoop.yarn.client.cli.{java_class}", *map(str, words)]
        return subprocess.run(
            [f"{java_home()}/bin/java", *command],
            env=self.environment() | {"TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    def web_address(self) -> str:
        """Of the ResourceManager's web server, and so of its proxy."""
        site = (self.conf / "yarn-site.xml").read_text()
        address = re.search(r"yarn.resourcemanager.webapp.address</name>\s*<value>([^<]+)", site).group(1)
        return f"http://{address}"

    def rest(self, path: str, body=None, method=None, user="root"):
        """The JSON of a REST resource below /ws/v1/cluster."""
        query = ("&" if "?" in path else "?") + f"user.name={user}"
        request = urllib.request.Request(f"{self.web_address()}/ws/v1/cluster{path}{query}", method=method)
        request.add_header("Accept", "application/json")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def report(self, application: str) -> dict:
        return json.loads(self.heddle("application", "-status", application, "--json").stdout)

    def applications(self, states="ALL") -> list:
        return json.loads(self.heddle("application", "-list", "-appStates", states, "--json").stdout)

    def newest_running(self):
        """The id of the newest running application, or None."""
        return max((a["id"] for a in self.applications("RUNNING")), default=None)

    def newest(self) -> str:
        return max((a["id"] for a in self.applications()), default=None)

    def default_settings(self, spark: Spark) -> dict:
        quick = {f"spark.{part}.extraJavaOptions": QUICK_JAVA for part in ("driver", "executor", "yarn.am")}
        return quick | {
            "spark.yarn.jars": f"local:{spark.jars}/*",
            "spark.yarn.stagingDir": f"file://{self.staging}",
            "spark.ui.showConsoleProgress": "false",
            "spark.yarn.report.interval": "200ms",
        }

    def submit_command(self, spark: Spark, mode: str, job, *words, options=()):
        command = [spark.home / "bin" / "spark-submit", "--master", "yarn", "--deploy-mode", mode]
        command += ["--num-executors", 2, "--executor-memory", "512m", "--driver-memory", "512m"]
        named = {o.split("=")[0] for o in options if isinstance(o, str)}
        for key, value in self.default_settings(spark).items():
            if key not in named:
                command += ["--conf", f"{key}={value}"]
        for option in options:
            # `key=value` is a setting, `key=` one that is not to be set, everything else an option of spark-submit.
            is_setting = isinstance(option, str) and option.startswith("spark.") and "=" in option
            if not (is_setting and option.endswith("=")):
                command += ["--conf", option] if is_setting else [option]
        return [str(w) for w in [*command, job, *words]]

    def spark_environment(self, spark: Spark) -> dict:
        return self.environment() | {"SPARK_HOME": str(spark.home), "PYSPARK_PYTHON": str(spark.python)}

    def start_submit(self, spark: Spark, mode: str, job, *words, options=()) -> subprocess.Popen:
        """spark-submit in a process group of its own; its output goes to files beside the cluster."""
        number = len(list(self.folder.glob("submit-*.err")))
        with open(self.folder / f"submit-{number}.out", "w") as out, open(self.folder / f"submit-{number}.err", "w") as err:
            process = subprocess.Popen(
                self.submit_command(spark, mode, job, *words, options=options),
                env=self.spark_environment(spark),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        process.out, process.err = Path(out.name), Path(err.name)
        return process

    def finish(self, process: subprocess.Popen, timeout=180) -> Submission:
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError(f"spark-submit did not end in {timeout} s:\n{process.err.read_text()[-6000:]}") from None
        return Submission(code, process.out.read_text(), process.err.read_text())

    def submit(self, spark: Spark, mode: str, job, *words, options=(), timeout=180) -> Submission:
        return self.finish(self.start_submit(spark, mode, job, *words, options=options), timeout)

    def succeed(self, spark: Spark, mode: str, job, *words, options=(), timeout=180) -> Submission:
        """As `submit`, for a job that must succeed; in cluster mode the driver's output stands for spark-submit's."""
        done = self.submit(spark, mode, job, *words, options=options, timeout=timeout)
        assert done.code == 0, done.log[-6000:]
        # In client mode the ApplicationMaster unregisters when the driver has gone: spark-submit may end before it.
        report = self.wait_for(done.application, "FINISHED", "FAILED", "KILLED")
        assert (report["state"], report["finalStatus"]) == ("FINISHED", "SUCCEEDED"), report
        if mode == "cluster":
            done.output = self.driver_output(done.application)
        self.assert_clean(done.application)
        return done

    # What a container leaves

    def driver_output(self, application: str, attempt=1, name="stdout") -> str:
        """What the first container of an attempt wrote."""
        pattern = f"nodes/*/logs/{application}/container_*_{attempt:02}_000001/{name}"
        files = wait_until(lambda: list(self.data.glob(pattern)), 10, f"{name} of the driver of {application}")
        return "".join(file.read_text() for file in files)

    def container_processes(self, application=None) -> dict:
        """pid -> words of the processes of this cluster's containers, or of one application's."""
        folder = f"LOCAL_DIRS={self.data}/nodes/"
        return {
            pid: words
            for pid, (words, environment) in processes().items()
            if any(e.startswith(folder) and (application is None or application in e) for e in environment)
        }

    def executors(self, application: str) -> list:
        return [
            pid
            for pid, words in self.container_processes(application).items()
            if any("ExecutorBackend" in w for w in words) and words[0].endswith("java")
        ]

    def masters(self, application: str) -> list:
        names = ("org.apache.spark.deploy.yarn.ApplicationMaster", "org.apache.spark.deploy.yarn.ExecutorLauncher")
        return [
            pid
            for pid, words in self.container_processes(application).items()
            if any(n in words for n in names) and words[0].endswith("java")
        ]

    def assert_clean(self, application: str, seconds=30):
        """No process, no work folder and no staging folder is left of an application that has ended."""
        wait_until(lambda: not self.container_processes(application), seconds, f"the end of all processes of {application}")
        wait_until(
            lambda: not list(self.data.glob(f"nodes/*/local/usercache/*/appcache/{application}")),
            seconds,
            f"the removal of the work folders of {application}",
        )
        left = list(self.staging.glob(f"*/{application}"))
        assert not left, f"staging folders left: {left}"

    def wait_for(self, application: str, *states: str, seconds=60) -> dict:
        return wait_until(
            lambda: (report := self.report(application))["state"] in states and report,
            seconds,
            f"{application} to become {' or '.join(states)}",
        )
