"""A staging server of its own process, and the clients that are run against it."""

import hashlib
import http.client
import os
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from cluster import Spark, heddle_program, java_home, wait_until
from ports import free_port


@dataclass
class Staging:
    folder: Path
    port: int = 0
    # Set before the start, beside or instead of the usual ones.
    settings: dict = field(default_factory=dict)
    process: subprocess.Popen = None

    @property
    def conf(self) -> Path:
        return self.folder / "conf"

    @property
    def uri(self) -> str:
        return f"webhdfs://127.0.0.1:{self.port}"

    def content(self) -> dict:
        """What is stored by its hash, in files and in the index."""
        folder = self.folder / "tmp/heddle/staging"
        files = {blob.name: blob.read_bytes() for blob in folder.glob("blobs/*/*")}
        index = sqlite3.connect(f"file:{folder}/index.db?mode=ro", uri=True)
        try:
            rows = dict(index.execute("SELECT key, bytes FROM record WHERE kind = 'content'"))
        finally:
            index.close()
        # What is small is in no file but where an upload broke off.
        assert not rows.keys() & files.keys()
        assert all(len(content) <= 64 << 10 for content in rows.values())
        found = files | rows
        assert all(hashlib.sha256(content).hexdigest() == name for name, content in found.items())
        return found

    def start(self):
        self.port = self.port or free_port()
        if not self.conf.exists():
            self.conf.mkdir(parents=True)
            values = {
                "fs.defaultFS": self.uri,
                "hadoop.tmp.dir": self.folder / "tmp",
                "heddle.staging.address": f"127.0.0.1:{self.port}",
            } | self.settings
            rows = "".join(f"<property><name>{k}</name><value>{v}</value></property>" for k, v in values.items())
            (self.conf / "core-site.xml").write_text(f"<configuration>{rows}</configuration>")
            (self.conf / "hdfs-site.xml").write_text("<configuration/>")
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(
                [str(heddle_program()), "staging", "--config", str(self.conf)], stderr=log, start_new_session=True
            )
        wait_until(self.is_up, 30, "the staging server")

    def is_up(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return self.answers()

    def answers(self) -> bool:
        """Also for the server inside a ResourceManager, which serves its other ports first."""
        try:
            return self.call("GET", "/?op=GETFILESTATUS")[0] == 200
        except OSError:
            return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0, (self.folder / "log").read_text()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def url(self, path: str, user="root") -> str:
        return f"http://127.0.0.1:{self.port}/webhdfs/v1{path}&user.name={user}"

    def call(self, method: str, path: str, body=None, user="root"):
        """Status and body of one request; redirects are not followed."""
        request = urllib.request.Request(self.url(path, user), method=method, data=body)
        try:
            with urllib.request.build_opener(NoRedirect).open(request, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read() or error.headers.get("Location", "").encode()

    def read(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url(f"{path}?op=OPEN"), timeout=30) as answer:
            return answer.read()

    def write(self, path: str, content: bytes):
        """In place of what is there."""
        status, target = self.call("PUT", f"{path}?op=CREATE&overwrite=true")
        assert status == 307, target
        request = urllib.request.Request(target.decode(), method="PUT", data=content)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.status == 201

    def shell(self, spark: Spark, *words, code=0, user=None) -> str:
        """Hadoop's own FsShell out of Spark's jars."""
        done = self.java(spark, "org.apache.hadoop.fs.FsShell", *words, user=user)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + (done.stderr if code else "")

    def java(self, spark: Spark, program, *words, user=None, tokens=None):
        """A class of Spark's jars, or a source file; `tokens`: a credentials file of Hadoop's."""
        command = [f"{java_home()}/bin/java", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]
        command += ["-cp", f"{self.conf}:{spark.jars}/*", str(program), *map(str, words)]
        environment = os.environ | ({"HADOOP_USER_NAME": user} if user else {})
        environment |= {"HADOOP_TOKEN_FILE_LOCATION": str(tokens)} if tokens else {}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


class Upload:
    """The second step of a CREATE or an APPEND that stops in the middle."""

    def __init__(self, staging, method, path, content):
        status, target = staging.call(method, path)
        assert status == 307, target
        where = urllib.parse.urlsplit(target.decode())
        self.connection = http.client.HTTPConnection("127.0.0.1", staging.port, timeout=60)
        self.connection.putrequest(method, f"{where.path}?{where.query}")
        self.connection.putheader("Transfer-Encoding", "chunked")
        self.connection.endheaders()
        self.send(content)

    def send(self, content):
        self.connection.send(b"%x\r\n%s\r\n" % (len(content), content))

    def end(self) -> int:
        self.connection.send(b"0\r\n\r\n")
        status = self.connection.getresponse().status
        self.connection.close()
        return status


PASSWORD = "changeit"


def make_certificate(folder: Path):
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    words += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem"]
    subprocess.run([*words, "-out", folder / "certificate.pem"], check=True, capture_output=True)


@dataclass
class SecureStaging(Staging):
    """Http and https side by side, with a certificate of its own."""

    secure_port: int = 0

    @property
    def secure(self) -> str:
        return f"swebhdfs://localhost:{self.secure_port}"

    @property
    def public(self) -> Path:
        """What those who shall believe the certificate have: itself, and a truststore for Java."""
        return self.folder / "public"

    def start(self):
        if not self.secure_port:
            self.secure_port = free_port()
            self.public.mkdir(parents=True)
            make_certificate(self.folder)
            (self.folder / "certificate.pem").rename(self.public / "certificate.pem")
            words = [f"{java_home()}/bin/keytool", "-importcert", "-noprompt", "-alias", "staging", "-storetype", "JKS"]
            words += ["-file", self.public / "certificate.pem", "-keystore", self.public / "truststore.jks"]
            subprocess.run([*words, "-storepass", PASSWORD], check=True, capture_output=True)
            self.settings |= {
                "heddle.staging.https.address": f"localhost:{self.secure_port}",
                "heddle.staging.ssl.certificate": self.public / "certificate.pem",
                "heddle.staging.ssl.key": self.folder / "key.pem",
                "heddle.staging.delegation-tokens": "true",
                "fs.defaultFS": self.secure,
            }
        super().start()
        self.write_client(self.conf)

    def write_client(self, conf: Path):
        """The file by which Hadoop's clients believe the certificate."""
        values = {"location": self.public / "truststore.jks", "password": PASSWORD, "type": "jks"}
        rows = "".join(
            f"<property><name>ssl.client.truststore.{k}</name><value>{v}</value></property>" for k, v in values.items()
        )
        (conf / "ssl-client.xml").write_text(f"<configuration>{rows}</configuration>")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
