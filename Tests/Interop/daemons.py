"""A ResourceManager and a NodeManager as processes of their own with a configuration folder, and containers for them that
need no Java."""

import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path

from cluster import heddle_program, processes, wait_until
from ports import free_ports


class Daemons:
    """Started by `start`; whatever still runs is ended by `close`, which also says what is left of it."""

    def __init__(self, folder: Path, **settings):
        self.folder = folder
        self.conf = folder / "conf"
        self.conf.mkdir()
        names = ("address", "scheduler", "resource-tracker", "admin", "webapp", "container", "container-web")
        self.ports = dict(zip(names, free_ports(len(names))))
        rm = "yarn.resourcemanager"
        self.settings = {
            **{f"{rm}.{n}.address": f"127.0.0.1:{self.ports[n]}" for n in ("scheduler", "resource-tracker", "admin", "webapp")},
            f"{rm}.address": f"127.0.0.1:{self.ports['address']}",
            f"{rm}.am.max-attempts": "1",
            f"{rm}.nodemanagers.heartbeat-interval-ms": "100",
            "yarn.nodemanager.address": f"127.0.0.1:{self.ports['container']}",
            "yarn.nodemanager.webapp.address": f"127.0.0.1:{self.ports['container-web']}",
            "yarn.nodemanager.local-dirs": f"{folder}/local",
            "yarn.nodemanager.log-dirs": f"{folder}/logs",
            "yarn.nodemanager.recovery.dir": f"{folder}/recovery",
            "yarn.nodemanager.resource.memory-mb": "2048",
            "yarn.nodemanager.vmem-check-enabled": "false",
            "yarn.nodemanager.disk-health-checker.enable": "false",
            "yarn.scheduler.minimum-allocation-mb": "1",
            "heddle.security.run-containers-as-root": "true",
            "heddle.state-store.path": f"{folder}/state",
            "hadoop.tmp.dir": str(folder),
        }
        self.set(**settings)
        self.running = {}

    def set(self, **settings):
        """Changes settings (`__` stands for a dot, `_` for a dash); daemons read them when they start."""
        self.settings |= {k.replace("__", ".").replace("_", "-"): v for k, v in settings.items()}
        rows = "".join(f"<property><name>{k}</name><value>{v}</value></property>\n" for k, v in self.settings.items())
        (self.conf / "yarn-site.xml").write_text(f"<configuration>\n{rows}</configuration>\n")
        (self.conf / "core-site.xml").write_text("<configuration/>\n")

    def start(self, name: str) -> int:
        """Starts `resourcemanager` or `nodemanager` and returns its pid once it serves its web port."""
        log = open(self.folder / f"{name}.log", "a")
        self.running[name] = subprocess.Popen(
            [str(heddle_program()), name, "--config", str(self.conf)],
            env={k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        port, path = ("webapp", "cluster") if name == "resourcemanager" else ("container-web", "node")
        wait_until(lambda: self.answers(name, port, f"/ws/v1/{path}/info"), 30, f"{name} to serve")
        return self.running[name].pid

    def answers(self, name, port, path):
        assert self.running[name].poll() is None, self.log(name)
        try:
            return self.get(port, path)
        except OSError:
            return None

    def start_both(self):
        self.start("resourcemanager")
        self.start("nodemanager")
        wait_until(lambda: self.metrics()["activeNodes"] == 1, 30, "the node")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def kill(self, name: str):
        """kill -9, as a crash would."""
        self.running[name].kill()
        self.running.pop(name).wait()

    def stop(self, name: str) -> int:
        self.running[name].terminate()
        return self.running.pop(name).wait(60)

    def close(self):
        for name in ("nodemanager", "resourcemanager"):
            if name in self.running:
                self.stop(name)
        left = self.container_processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, left

    # Web

    def get(self, port: str, path: str):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[port]}{path}", timeout=30) as answer:
            return json.loads(answer.read())

    def metrics(self) -> dict:
        return self.get("webapp", "/ws/v1/cluster/metrics")["clusterMetrics"]

    def report(self, application: str) -> dict:
        return self.get("webapp", f"/ws/v1/cluster/apps/{application}")["app"]

    def submit(self, command: str, memory=128, resources=None, archives=None, environment=None, logs=None, tokens=(),
               cancel_tokens=True) -> str:  # fmt: skip
        """Submits an application whose ApplicationMaster is a shell command; returns its id.

        `resources` and `archives`: link name -> address of a file that nobody knows the time and size of.
        `logs`: its log-aggregation-context. `tokens`: what it shows servers, as text for addresses; `cancel_tokens`: whether
        they are to end with it.
        """
        resources, archives, environment = resources or {}, archives or {}, environment or {}
        base = f"http://127.0.0.1:{self.ports['webapp']}/ws/v1/cluster/apps"
        request = urllib.request.Request(f"{base}/new-application?user.name=root", method="POST")
        with urllib.request.urlopen(request, timeout=30) as answer:
            application = json.loads(answer.read())["application-id"]
        body = {
            "application-id": application,
            "application-name": "shell",
            "max-app-attempts": 1,
            "cancel-tokens-when-complete": cancel_tokens,
            "am-container-spec": {
                "commands": {"command": command},
                "environment": {"entry": [{"key": key, "value": value} for key, value in environment.items()]},
                "local-resources": {
                    "entry": [
                        {
                            "key": name,
                            "value": {
                                "resource": address,
                                "type": "ARCHIVE" if name in archives else "FILE",
                                "visibility": "APPLICATION",
                                "size": -1,
                                "timestamp": 0,
                            },
                        }
                        for name, address in (resources | archives).items()
                    ]
                },
            },
            "resource": {"memory": memory, "vCores": 1},
        }
        if tokens:
            entries = [{"key": f"token {number}", "value": text} for number, text in enumerate(tokens)]
            body["am-container-spec"]["credentials"] = {"tokens": {"entry": entries}}
        if logs:
            body["log-aggregation-context"] = logs
        request = urllib.request.Request(f"{base}?user.name=root", data=json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        urllib.request.urlopen(request, timeout=30).close()
        return application

    def wait_for_end(self, application: str, seconds=120) -> dict:
        return wait_until(
            lambda: (r := self.report(application))["state"] in ("FINISHED", "FAILED", "KILLED") and r,
            seconds,
            f"the end of {application}",
        )

    def log_folder(self, application: str) -> Path:
        """Of its first container."""
        return wait_until(
            lambda: next(iter((self.folder / "logs").glob(f"{application}/container_*_01_000001")), None), 60, "its logs"
        )

    def container_processes(self) -> dict:
        """pid -> words of all processes of containers, their supervisors included."""
        mark = f"HEDDLE_CONTAINER_STATE={self.folder}/"
        return {p: words for p, (words, environment) in processes().items() if any(e.startswith(mark) for e in environment)}


def resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))
