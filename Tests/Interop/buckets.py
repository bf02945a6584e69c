"""A store that speaks S3's protocol: moto's server, which checks signatures, and a line to it that can be cut."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import boto3
from botocore.config import Config

from cluster import wait_until
from ports import free_port

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


@contextlib.contextmanager
def moto(folder: Path, checks_signatures=True):
    """Its address, a client of it and that client's keys. The three calls that make the first keys go without, then none
    where its authentication is on."""
    port = free_port()
    log = folder / "log"
    with open(log, "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env=os.environ | ({"INITIAL_NO_AUTH_ACTION_COUNT": "3"} if checks_signatures else {}),
            stdout=out,
            stderr=out,
        )
    url = f"http://127.0.0.1:{port}"

    def client(service, access="any", secret="any"):
        return boto3.client(
            service,
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=access,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, proxies={}),
        )

    def is_up():
        assert process.poll() is None, log.read_text()
        try:
            return client("iam").create_user(UserName="node")
        except Exception as error:
            if "Could not connect" in str(error) or "Connection" in type(error).__name__:
                return False
            raise

    try:
        wait_until(is_up, 60, "moto's server")
        iam = client("iam")
        iam.put_user_policy(UserName="node", PolicyName="s3", PolicyDocument=POLICY)
        keys = iam.create_access_key(UserName="node")["AccessKey"]
        s3 = client("s3", keys["AccessKeyId"], keys["SecretAccessKey"])
        for bucket in ("jobs", "other"):
            s3.create_bucket(Bucket=bucket)
        yield url, s3, keys
    finally:
        process.terminate()
        process.wait(30)


def settings(url, keys) -> dict:
    """Of whoever uses the store."""
    return {
        "fs.s3a.endpoint": url,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.access.key": keys["AccessKeyId"],
        "fs.s3a.secret.key": keys["SecretAccessKey"],
        "heddle.transfer.ec2-metadata-endpoint": "none",
    }


class Relay:
    """Passes the bytes of connections on to a server, until it is told to cut one. `seen` has the first line of each request."""

    def __init__(self, url: str):
        self.target = int(url.rsplit(":", 1)[1])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Lock()
        self.start, self.limits, self.times = None, {}, 0
        self.seen = []
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, start: str, times=1, **limits):
        """Ends the connections of the next requests that begin with `start`, after so many bytes of `request` or `answer`."""
        with self.lock:
            self.start, self.limits, self.times = start.encode(), limits, times

    def count(self, start: str) -> int:
        """Requests that begin so."""
        with self.lock:
            return sum(line.startswith(start) for line in self.seen)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            state = {"answered": True, "limits": {}, "lock": threading.Lock()}
            for side, source, sink in (("request", client, server), ("answer", server, client)):
                threading.Thread(target=self._pass, args=(side, source, sink, state), daemon=True).start()
            # Closed when both threads are done with them, and not only when the next connection takes their names: until then
            # a client would wait for a peer that is there and reads nothing.
            del client, server, source, sink

    def _limits(self, piece: bytes) -> dict:
        with self.lock:
            self.seen.append(piece.split(b"\r\n", 1)[0].decode())
            if self.start is None or not piece.startswith(self.start) or not self.times:
                return {}
            self.times -= 1
            return dict(self.limits)

    def _pass(self, side, source, sink, state):
        try:
            while piece := source.recv(1 << 16):
                with state["lock"]:
                    if side == "request" and state["answered"]:
                        state["answered"], state["limits"] = False, self._limits(piece)
                    if side == "answer":
                        state["answered"] = True
                    limit = state["limits"].get(side)
                    if limit is not None:
                        state["limits"][side] = limit - len(piece)
                if limit is not None and limit < len(piece):
                    sink.sendall(piece[:limit])
                    break
                sink.sendall(piece)
        except OSError:
            pass
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
