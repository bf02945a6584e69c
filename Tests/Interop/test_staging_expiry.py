"""What a staging server removes by itself, and what it keeps: abandoned files of applications, and first steps without a second."""

import os
import urllib.error
import urllib.request

import pytest

from cluster import wait_until
from staging import Staging, Upload

SCRATCH = "/user/root/.sparkStaging"


@pytest.fixture
def staging(tmp_path):
    server = Staging(
        tmp_path / "staging",
        settings={
            "heddle.staging.abandoned-after": "2s",
            "heddle.staging.begin-within": "1s",
            "heddle.staging.cleanup-interval": "100ms",
        },
    )
    server.start()
    yield server
    server.stop()


def exists(staging, path) -> bool:
    status = staging.call("GET", f"{path}?op=GETFILESTATUS")[0]
    assert status in (200, 404)
    return status == 200


def blobs(staging) -> set:
    return {blob.read_bytes() for blob in (staging.folder / "tmp/heddle/staging/blobs").glob("*/*")}


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
    assert {gone, shared, kept} <= blobs(staging)
    wait_until_gone(staging, f"{SCRATCH}/application_1_2")
    wait_until(lambda: gone not in blobs(staging), 60, "its content to go")
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
    assert content in blobs(staging)
    staging.start()
    wait_until_gone(staging, f"{SCRATCH}/application_1_1")
    wait_until(lambda: content not in blobs(staging), 60, "its content to go")
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
