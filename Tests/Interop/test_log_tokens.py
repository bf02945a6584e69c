"""Logs of nodes that the staging server does not believe by name go up with the application's own token."""

import base64
import json
import os
import subprocess
import urllib.parse

import pytest

from cluster import heddle_program, wait_until
from daemons import Daemons
from test_staging_access import make_staging, neighbour, open_to  # noqa: F401

LOGS = "/logs"


class Site:
    """Daemons on another host than the staging server."""

    def __init__(self, neighbour, staging, folder, **settings):
        self.neighbour, self.staging = neighbour, staging
        folder.mkdir()
        values = {
            "yarn.log-aggregation-enable": "true",
            "yarn.nodemanager.remote-app-log-dir": f"webhdfs://{neighbour.here}:{staging.port}{LOGS}",
            "yarn.nodemanager.recovery.enabled": "true",
            "yarn.nodemanager.recovery.supervised": "true",
        }
        self.daemons = Daemons(folder, **values, **settings)

    def token(self) -> str:
        service = urllib.parse.quote(f"{self.neighbour.here}:{self.staging.port}")
        # The ResourceManager is on a host that is not believed, so it could not renew it.
        answer = self.staging.call("GET", f"/?op=GETDELEGATIONTOKEN&renewer=nobody&service={service}")[1]
        return json.loads(answer)["Token"]["urlString"]

    def make_folder(self):
        assert self.staging.call("PUT", f"{LOGS}?op=MKDIRS")[0] == 200
        assert self.staging.call("PUT", f"{LOGS}?op=SETPERMISSION&permission=1777")[0] == 200

    def wait_for(self, application: str, status: str):
        wait_until(lambda: self.daemons.report(application)["logAggregationStatus"] == status, 60, status)

    def aggregated(self, application: str) -> list:
        """Owner, permission and name of its files on the staging server."""
        folder = f"{LOGS}/root/bucket-logs-tfile/{application[-4:]}/{application}"
        status, body = self.staging.call("GET", f"{folder}?op=LISTSTATUS")
        found = json.loads(body)["FileStatuses"]["FileStatus"] if status == 200 else []
        return [(file["owner"], file["permission"], file["pathSuffix"]) for file in found]

    @property
    def file(self) -> str:
        return self.daemons.settings["yarn.nodemanager.address"].replace(":", "_")


@pytest.fixture
def make_site(neighbour, make_staging, tmp_path):  # noqa: F811
    made = []

    def make(settings=None) -> Site:
        site = Site(neighbour, open_to(neighbour, make_staging, **(settings or {})), tmp_path / f"site{len(made)}")
        made.append(site)
        return site

    yield make
    with neighbour.inside():
        for site in made:
            site.daemons.close()


def test_a_node_on_another_host_aggregates_by_the_token_alone(make_site):
    site = make_site()
    site.make_folder()
    token = site.token()
    with site.neighbour.inside():
        site.daemons.start_both()
        named = site.daemons.submit("echo by name 1><LOG_DIR>/stdout")
        shown = site.daemons.submit("echo by token 1><LOG_DIR>/stdout", tokens=[token])
        site.wait_for(shown, "SUCCEEDED")
        site.wait_for(named, "RUNNING_WITH_FAILURE")
        assert f"A name alone is not believed from {site.neighbour.there}" in site.daemons.log("nodemanager")
        # It is neither in a log nor in what an operator reads.
        assert token[:40] not in site.daemons.log("nodemanager") + site.daemons.log("resourcemanager")
    assert site.aggregated(shown) == [("root", "640", site.file)]
    assert site.aggregated(named) == []


def test_the_commands_show_the_tokens_of_the_environments_file(make_site, tmp_path):
    site = make_site()
    site.make_folder()
    token = site.token()
    # One token under its alias, and no secrets.
    kept = tmp_path / "tokens"
    kept.write_bytes(b"HDTS\0\1\5alias" + base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) + b"\0")
    (tmp_path / "broken").write_bytes(b"HDTS\0\1")
    root = f"webhdfs://{site.neighbour.here}:{site.staging.port}/"

    def heddle(*words, tokens=None):
        environment = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "USER", "TMPDIR")}
        environment |= {"HADOOP_CONF_DIR": str(site.daemons.conf), "HADOOP_USER_NAME": "root"}
        environment |= {"HADOOP_TOKEN_FILE_LOCATION": str(tokens)} if tokens else {}
        return subprocess.run(
            [str(heddle_program()), *words], env=environment, capture_output=True, text=True, timeout=60
        )

    with site.neighbour.inside():
        site.daemons.start_both()
        application = site.daemons.submit("echo seen 1><LOG_DIR>/stdout", tokens=[token])
        site.wait_for(application, "SUCCEEDED")
        shown = heddle("logs", "-applicationId", application, tokens=kept)
        assert shown.returncode == 0 and "LogContents:\nseen\n" in shown.stdout, shown
        refused = heddle("logs", "-applicationId", application)
        assert refused.returncode != 0 and "A name alone is not believed" in refused.stdout + refused.stderr, refused
        assert "logs" in heddle("fs", "-ls", root, tokens=kept).stdout
        refused = heddle("fs", "-ls", root)
        assert refused.returncode == 1 and "A name alone is not believed" in refused.stderr, refused
        for path, problem in ((tmp_path / "broken", "the credentials are damaged"), (tmp_path / "none", "it cannot be read")):
            for words in (("fs", "-ls", root), ("logs", "-applicationId", application)):
                refused = heddle(*words, tokens=path)
                assert refused.returncode != 0, refused
                assert f"HADOOP_TOKEN_FILE_LOCATION is {path}: {problem}" in refused.stderr, refused


def test_a_killed_node_knows_the_token_still_and_a_missing_folder_is_named(make_site):
    site = make_site()
    token = site.token()
    with site.neighbour.inside():
        site.daemons.start_both()
        application = site.daemons.submit("echo text 1><LOG_DIR>/stdout", tokens=[token])
        site.wait_for(application, "RUNNING_WITH_FAILURE")
        folder = f"webhdfs://{site.neighbour.here}:{site.staging.port}{LOGS}"
        assert f"hdfs dfs -mkdir -p {folder} && hdfs dfs -chmod 1777 {folder}" in site.daemons.log("nodemanager")
        site.daemons.kill("nodemanager")
    site.make_folder()
    with site.neighbour.inside():
        site.daemons.start("nodemanager")
        site.wait_for(application, "SUCCEEDED")
    assert site.aggregated(application) == [("root", "640", site.file)]


def test_an_application_that_outlives_its_token_needs_a_node_that_is_believed(make_site):
    site = make_site({"dfs.namenode.delegation.token.renew-interval": "1000"})
    site.make_folder()
    token = site.token()

    def has_expired():
        return site.staging.call("GET", f"/?op=LISTSTATUS&delegation={token}")[0] == 403

    wait_until(has_expired, 60, "the token's end")
    with site.neighbour.inside():
        site.daemons.start_both()
        application = site.daemons.submit("echo text 1><LOG_DIR>/stdout", tokens=[token])
        site.wait_for(application, "RUNNING_WITH_FAILURE")
    log = site.daemons.log("nodemanager")
    assert "is expired" in log and "shown the application's token; without it, as root: " in log, log[-3000:]
    site.staging.stop()
    conf = site.staging.conf / "core-site.xml"
    trusted = f"<property><name>heddle.staging.trusted-addresses</name><value>{site.neighbour.there}</value></property>"
    conf.write_text(conf.read_text().replace("</configuration>", f"{trusted}</configuration>"))
    site.staging.start()
    with site.neighbour.inside():
        site.wait_for(application, "SUCCEEDED")
    assert site.aggregated(application) == [("root", "640", site.file)]
