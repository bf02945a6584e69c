"""Programs whose files lie on other machines: nodes that share no folder read and write over webhdfs, with what the client's
configuration and tokens say; nodes have no configuration of their own for it."""

import base64
import json

import pytest

from cluster import processes
from engine import answer, executors, finish, masters, running, start
from machines import Machines
from test_spark_secure import SecureMachines

SUMS = {f"{len(f'line {n}')}": 0 for n in range(1000)}
for n in range(1000):
    SUMS[f"{len(f'line {n}')}"] += 1
SAID = [str([f"{k}={v}" for k, v in sorted(SUMS.items(), key=lambda item: int(item[0]))]).replace("'", '"'), "1000"]


class OpenMachines(Machines):
    """The server gives tokens."""

    def make_files(self):
        files = super().make_files()
        files.settings["heddle.staging.delegation-tokens"] = "true"
        return files


@pytest.fixture(scope="module", params=["webhdfs", "swebhdfs"])
def machines(request, tmp_path_factory):
    made = (OpenMachines if request.param == "webhdfs" else SecureMachines)(tmp_path_factory.mktemp(request.param))
    try:
        made.up()
        yield made
    finally:
        made.down()


def listed(machines, path):
    status, body = machines.files.call("GET", f"{path}?op=LISTSTATUS")
    return {f["pathSuffix"]: f for f in json.loads(body)["FileStatuses"]["FileStatus"]} if status == 200 else None


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_folders_of_the_file_system_are_written_and_read(machines, mode):
    """Names without a scheme are those of fs.defaultFS, relative ones below the user's folder."""
    code, output, errors, application = finish(start(machines, mode, "elsewhere", f"/{mode}/texts", f"{mode}-sums"))
    assert code == 0, errors + output
    said = answer(machines, mode, application, output).splitlines()
    assert said[:2] == SAID and f"{machines.uri}/{mode}/texts exists already" in said[2], said
    parts = [f"part-0000{n}" for n in range(4)]
    assert sorted(listed(machines, f"/{mode}/texts")) == ["_SUCCESS", *parts]
    text = "".join(machines.files.read(f"/{mode}/texts/{part}").decode() for part in parts)
    assert text == "".join(f"line {n}\n" for n in range(1000))
    assert sorted(listed(machines, f"/user/root/{mode}-sums")) == ["_SUCCESS", *parts]
    assert len(listed(machines, f"/user/root/{mode}-sums-checkpoints")) == 1
    machines.assert_clean(application)


@pytest.mark.parametrize("mode", ["client", "cluster"])
def test_executors_show_the_tokens_that_the_client_was_given(machines, tmp_path, mode):
    """What is written belongs to the owner of the token, not to whoever submitted."""
    machines.files.call("PUT", "/alices?op=MKDIRS", user="root")
    machines.files.call("PUT", "/alices?op=SETOWNER&owner=alice", user="root")
    server = machines.uri.split("//")[1]
    # Nobody renews it: it was given out over plain http, whatever its server is called by.
    status, body = machines.files.call("GET", f"/?op=GETDELEGATIONTOKEN&renewer=nobody&service={server}", user="alice")
    assert status == 200, body
    token = json.loads(body)["Token"]["urlString"]
    kept = tmp_path / "tokens"
    kept.write_bytes(b"HDTS\0\1\5alias" + base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) + b"\0")
    machines.extra["HADOOP_TOKEN_FILE_LOCATION"] = str(kept)
    try:
        options = ["--conf", f"spark.yarn.stagingDir={machines.uri}/alices"]
        job = ("elsewhere", f"/alices/{mode}", f"/alices/{mode}-sums")
        code, output, errors, _ = finish(start(machines, mode, *job, options=options))
    finally:
        del machines.extra["HADOOP_TOKEN_FILE_LOCATION"]
    assert code == 0, errors + output
    files = {name: file["owner"] for name, file in listed(machines, f"/alices/{mode}").items()}
    assert len(files) == 5 and set(files.values()) == {"alice"}, files


def bucket_options(store):
    url, _, keys = store
    settings = {"endpoint": url, "path.style.access": "true", "endpoint.region": "us-east-1"}
    settings |= {"access.key": keys["AccessKeyId"], "secret.key": keys["SecretAccessKey"]}
    return [word for key, value in settings.items() for word in ("--conf", f"spark.hadoop.fs.s3a.{key}={value}")]


@pytest.mark.parametrize("mode", ["client", "cluster", "local-cluster[2,1,256]"])
def test_buckets_are_written_and_read(cluster, store, mode):
    """The keys are properties of this application; no node has them."""
    s3, options, folder = store[1], bucket_options(store), mode.split("[")[0]
    # An option that comes later counts.
    master = [] if mode in ("client", "cluster") else ["--master", mode]
    process = start(
        cluster,
        "client" if master else mode,
        "elsewhere",
        f"s3a://jobs/{folder}/texts",
        f"s3a://jobs/{folder}/sums",
        options=options + master,
    )
    if master:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors + output
    else:
        code, output, errors, application = finish(process)
        assert code == 0, errors + output
        output = answer(cluster, mode, application, output)
    assert output.splitlines()[:2] == SAID
    found = [o["Key"] for o in s3.list_objects_v2(Bucket="jobs", Prefix=f"{folder}/texts/")["Contents"]]
    # S3's client leaves marks of the folders that were made.
    names = sorted(key.split("/")[-1] for key in found if not key.endswith("/"))
    assert names == ["_SUCCESS", *(f"part-0000{n}" for n in range(4))]


def test_secrets_stand_in_no_environment(cluster, store):
    """Of containers: whoever may look at a process sees that."""
    process, application = running(cluster, "client", "idle", options=bucket_options(store))
    try:
        secret = store[2]["SecretAccessKey"]
        seen = processes()
        there = [seen[pid][1] for pid in [*executors(cluster, application), *masters(cluster, application)]]
        assert len(there) == 3 and any("HEDDLE_PROPERTIES=" in word for words in there for word in words)
        assert not [word for words in there for word in words if secret in word]
    finally:
        process.kill()
        process.communicate(timeout=60)
    cluster.wait_for(application, "FINISHED", "FAILED")
    cluster.assert_clean(application)
