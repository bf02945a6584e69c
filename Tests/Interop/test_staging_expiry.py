"""What a staging server removes by itself, and what it keeps: abandoned files of applications, and first steps without a second."""

import json
import os
import urllib.error
import urllib.request

import pytest

from cluster import wait_until
from daemons import Daemons
from ports import free_port
from staging import Staging, Upload

SCRATCH = "/user/root/.sparkStaging"
SOON = {
    "heddle.staging.abandoned-after": "2s",
    "heddle.staging.begin-within": "1s",
    "heddle.staging.cleanup-interval": "100ms",
}


@pytest.fixture
def staging(tmp_path):
    server = Staging(tmp_path / "staging", settings=SOON)
    server.start()
    yield server
    server.stop()


def exists(staging, path) -> bool:
    status = staging.call("GET", f"{path}?op=GETFILESTATUS")[0]
    assert status in (200, 404)
    return status == 200


def wait_until_gone(staging, path):
    wait_until(lambda: not exists(staging, path), 60, f"{path} to go")


def test_what_applications_abandon_goes_with_its_content_and_what_is_in_use_stays(staging):
    # Too large for the index: a file of its own, which is to go.
    gone, shared, kept = (os.urandom(100_000) for _ in range(3))
    open_stream = Upload(staging, "PUT", f"{SCRATCH}/application_1_1/open?op=CREATE", b"begun")
    staging.write(f"{SCRATCH}/application_1_2/lib.zip", gone)
    staging.write(f"{SCRATCH}/application_1_2/deep/er/shared.jar", shared)
    staging.write("/data/shared.jar", shared)
    staging.write("/data/kept", kept)
    staging.write("/data/application_1_2/lib.zip", kept)
    assert {gone, shared, kept} <= set(staging.content().values())
    wait_until_gone(staging, f"{SCRATCH}/application_1_2")
    wait_until(lambda: gone not in staging.content().values(), 60, "its content to go")
    assert f"removed {SCRATCH}/application_1_2, which nobody has used for long" in (staging.folder / "log").read_text()
    # What has the same content, what is outside and the folder itself stay.
    assert staging.read("/data/shared.jar") == shared and exists(staging, SCRATCH)
    assert staging.read("/data/kept") == staging.read("/data/application_1_2/lib.zip") == kept
    # A stream that is older than all of it is no abandoned file.
    assert staging.read(f"{SCRATCH}/application_1_1/open") == b"begun"
    open_stream.send(b" and ended")
    assert open_stream.end() == 201
    assert staging.read(f"{SCRATCH}/application_1_1/open") == b"begun and ended"
    wait_until_gone(staging, f"{SCRATCH}/application_1_1")
    # Who reads it, uses it: another that was written later goes first.
    staging.write(f"{SCRATCH}/application_1_3/read", b"again and again")
    staging.write(f"{SCRATCH}/application_1_4/unread", b"never")

    def other_is_gone():
        assert staging.read(f"{SCRATCH}/application_1_3/read") == b"again and again"
        return not exists(staging, f"{SCRATCH}/application_1_4")

    wait_until(other_is_gone, 60, "what nobody reads to go")


def test_what_was_abandoned_before_a_crash_goes_after_it(staging):
    content = os.urandom(100_000)
    staging.write(f"{SCRATCH}/application_1_1/lib.zip", content)
    staging.write("/data/kept", b"kept")
    staging.kill()
    assert content in staging.content().values()
    staging.start()
    wait_until_gone(staging, f"{SCRATCH}/application_1_1")
    wait_until(lambda: content not in staging.content().values(), 60, "its content to go")
    assert staging.read("/data/kept") == b"kept"


def test_a_first_step_whose_second_never_comes_takes_its_name_for_a_while_only(staging):
    """As from a client that died between the two."""
    staging.write("/data/old", b"old")
    staging.write("/data/log", b"begin")
    firsts = {
        "/data/new": ("PUT", "/data/new?op=CREATE"),
        f"{SCRATCH}/application_1_1/new": ("PUT", f"{SCRATCH}/application_1_1/new?op=CREATE"),
        "/data/old": ("PUT", "/data/old?op=CREATE&overwrite=true"),
        "/data/log": ("POST", "/data/log?op=APPEND"),
    }
    targets = {}
    for path, (method, address) in firsts.items():
        status, target = staging.call(method, address)
        assert status == 307 and exists(staging, path), path
        targets[path] = (method, target.decode())
    for path in ("/data/new", f"{SCRATCH}/application_1_1/new"):
        wait_until_gone(staging, path)
    # Until then nobody else may write them; afterwards everybody may, and the first one may not any more.
    wait_until(lambda: staging.call("POST", "/data/old?op=APPEND")[0] == 307, 60, "the old file to be free")
    wait_until(lambda: staging.call("POST", "/data/log?op=APPEND")[0] == 307, 60, "the log to be free")
    assert staging.read("/data/old") == b"old" and staging.read("/data/log") == b"begin"
    for path, (method, target) in targets.items():
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(target, method=method, data=b"late"), timeout=30)
        assert refused.value.code == 403 and b"LeaseExpiredException" in refused.value.read(), path
    staging.write("/data/new", b"another's")
    assert staging.read("/data/new") == b"another's"
    assert not list((staging.folder / "tmp/heddle/staging/streams").iterdir())


@pytest.fixture
def daemons(tmp_path):
    (tmp_path / "daemons").mkdir()
    made = Daemons(tmp_path / "daemons")
    recovery = {"yarn.resourcemanager.recovery.enabled": "true"}
    made.set(**recovery, **{"yarn.scheduler.capacity.maximum-am-resource-percent": "1"})
    yield made
    made.close()


def kill_application(daemons, application):
    url = f"http://127.0.0.1:{daemons.ports['webapp']}/ws/v1/cluster/apps/{application}/state?user.name=root"
    request = urllib.request.Request(url, data=json.dumps({"state": "KILLED"}).encode(), method="PUT")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=30).close()
    daemons.wait_for_end(application)


def later_one_goes(staging, number):
    """Another folder of an application that nobody knows: what is older and nobody uses has gone with it."""
    path = f"{SCRATCH}/application_1_{number}"
    staging.write(f"{path}/lib.zip", b"nobody's")
    wait_until_gone(staging, path)


def test_what_a_running_application_has_staged_stays_in_the_resource_managers_server(daemons, tmp_path):
    """As for a job of weeks, whose executors of the last day localize what its submitter staged on the first."""
    staging = Staging(tmp_path / "staging", free_port())
    daemons.set(**SOON, **{"heddle.staging.address": f"127.0.0.1:{staging.port}"})
    daemons.start_both()
    wait_until(staging.answers, 30, "the staging server")
    application = daemons.submit("exec sleep 600")
    daemons.log_folder(application)
    staging.write(f"{SCRATCH}/{application}/lib.zip", b"for late executors")
    later_one_goes(staging, 1)
    daemons.kill("resourcemanager")
    daemons.start("resourcemanager")
    wait_until(staging.answers, 30, "the staging server")
    later_one_goes(staging, 2)
    # A container that wants it now.
    late = daemons.submit(
        "cat lib > <LOG_DIR>/stdout", resources={"lib": f"{staging.uri}{SCRATCH}/{application}/lib.zip"}
    )
    daemons.wait_for_end(late)
    assert (daemons.log_folder(late) / "stdout").read_text() == "for late executors"
    kill_application(daemons, application)
    wait_until_gone(staging, f"{SCRATCH}/{application}")


def test_a_staging_server_by_itself_asks_the_resource_manager_and_removes_nothing_without_its_answer(daemons, tmp_path):
    daemons.start("resourcemanager")
    address = daemons.settings["yarn.resourcemanager.address"]
    staging = Staging(tmp_path / "staging", settings=SOON | {"yarn.resourcemanager.address": address})
    staging.start()
    try:
        # There is no node for it, so it waits: that is not ended.
        application = daemons.submit("true")
        staging.write(f"{SCRATCH}/{application}/lib.zip", b"lib")
        later_one_goes(staging, 1)
        assert exists(staging, f"{SCRATCH}/{application}")
        daemons.kill("resourcemanager")
        staging.write(f"{SCRATCH}/application_1_2/lib.zip", b"nobody's, but who knows")
        staging.write(f"{SCRATCH}/notes/lib.zip", b"of no application")
        wait_until_gone(staging, f"{SCRATCH}/notes")
        log = (staging.folder / "log").read_text()
        assert log.count("does not say which applications run, so none of their folders is removed until it does") == 1, log
        assert exists(staging, f"{SCRATCH}/application_1_2") and exists(staging, f"{SCRATCH}/{application}")
        daemons.start("resourcemanager")
        wait_until_gone(staging, f"{SCRATCH}/application_1_2")
        assert exists(staging, f"{SCRATCH}/{application}")
        kill_application(daemons, application)
        wait_until_gone(staging, f"{SCRATCH}/{application}")
    finally:
        staging.stop()
