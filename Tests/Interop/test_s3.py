"""Resources on S3: a real YARN client names them, the NodeManager fetches them from moto's server, which checks signatures."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest
from botocore.config import Config

from cluster import java_home, wait_until
from daemons import Daemons
from staging import free_port

JAVA = Path(__file__).parent / "java"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """moto's server with its authentication on: the three calls that make the first keys, then none without them."""
    port = free_port()
    log = tmp_path_factory.mktemp("moto") / "log"
    with open(log, "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            env=os.environ | {"INITIAL_NO_AUTH_ACTION_COUNT": "3"},
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

    wait_until(is_up, 60, "moto's server")
    iam = client("iam")
    iam.put_user_policy(UserName="node", PolicyName="s3", PolicyDocument=POLICY)
    keys = iam.create_access_key(UserName="node")["AccessKey"]
    s3 = client("s3", keys["AccessKeyId"], keys["SecretAccessKey"])
    for bucket in ("jobs", "other"):
        s3.create_bucket(Bucket=bucket)
    yield url, s3, keys
    process.terminate()
    process.wait(30)


@pytest.fixture
def daemons(tmp_path, store):
    url, _, keys = store
    made = Daemons(tmp_path)
    made.settings |= {
        "fs.s3a.endpoint": url,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.access.key": keys["AccessKeyId"],
        "fs.s3a.secret.key": keys["SecretAccessKey"],
        # Of a bucket that nobody may read with these.
        "fs.s3a.bucket.other.secret.key": "wrong",
        "heddle.transfer.ec2-metadata-endpoint": "none",
    }
    made.set()
    made.start_both()
    yield made
    made.close()


def submit(daemons, spark, uri, size, timestamp, command):
    """One container of Hadoop's YarnClient; the application's id and its diagnostics."""
    words = [JAVA / "SubmitResource.java", uri, size, timestamp, command]
    done = subprocess.run(
        [f"{java_home()}/bin/java", "-XX:TieredStopAtLevel=1", "-cp", f"{daemons.conf}:{spark.jars}/*", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split("\n", 1)


def test_a_resource_on_s3_is_localized_and_a_wrong_secret_is_named(store, daemons, spark35):
    _, s3, keys = store
    # Odd marks in the name: what is signed is what is asked for.
    key, content = "in/a b+c=ä&%.bin", os.urandom(3_000_000)
    for bucket in ("jobs", "other"):
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    time = int(s3.head_object(Bucket="jobs", Key=key)["LastModified"].timestamp()) * 1000

    command = "sha256sum < resource 1><LOG_DIR>/stdout"
    application, said = submit(daemons, spark35, f"s3a://jobs/{quote(key)}", len(content), time, command)
    assert "exitCode: 0" in said, said
    stdout = wait_until(lambda: list(daemons.folder.glob(f"logs/{application}/container_*/stdout")), 10, "the log")
    assert stdout[0].read_text().split()[0] == hashlib.sha256(content).hexdigest()

    _, said = submit(daemons, spark35, f"s3a://jobs/{quote(key)}", len(content), time - 1000, "true")
    assert "changed on src filesystem" in said, said
    _, said = submit(daemons, spark35, f"s3a://other/{quote(key)}", len(content), 0, "true")
    assert "403" in said and "SignatureDoesNotMatch" in said, said
    assert keys["SecretAccessKey"] not in said
