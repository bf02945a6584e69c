"""Spark's own history server over the event logs of a folder."""

import json
import os
import subprocess
import urllib.error
from pathlib import Path

from cluster import Spark, java_home, wait_until
from machines import fetch
from ports import free_port


class HistoryServer:
    def __init__(self, spark: Spark, events: str, conf: Path, folder: Path):
        self.port, self.log = free_port(), folder / "history.log"
        settings = {
            "spark.history.fs.logDirectory": events,
            "spark.history.ui.port": self.port,
            "spark.history.fs.update.interval": "1s",
            "spark.ui.showConsoleProgress": "false",
        }
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")} | {
            "JAVA_HOME": java_home(),
            "SPARK_HOME": str(spark.home),
            "HADOOP_CONF_DIR": str(conf),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_HISTORY_OPTS": " ".join(f"-D{key}={value}" for key, value in settings.items()),
        }
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [str(spark.home / "bin" / "spark-class"), "org.apache.spark.deploy.history.HistoryServer"],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def get(self, path: str):
        """Text of a page, or None while there is none."""
        assert self.process.poll() is None, self.log.read_text()[-4000:]
        try:
            text = fetch(f"http://127.0.0.1:{self.port}{path}")
            # For a moment after its port is open its front page answers for the API, which is not there yet.
            return None if path.startswith("/api/") and text.startswith("<") else text
        except urllib.error.HTTPError as error:
            assert error.code in (404, 503), error
            return None
        except OSError:
            return None

    def applications(self, status: str) -> set:
        """Ids of the applications that are `running` or `completed`."""
        return {entry["id"] for entry in json.loads(self.get(f"/api/v1/applications?status={status}") or "[]")}

    def wait_for(self, application: str, status: str):
        wait_until(
            lambda: application in self.applications(status), 60, f"{application} to be {status} in Spark's history server"
        )
