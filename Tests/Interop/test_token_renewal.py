"""The ResourceManager keeps the delegation tokens of applications good: processes of their own, short intervals."""

import json

import pytest

from daemons import Daemons
from cluster import wait_until
from test_staging_access import make_staging  # noqa: F401

LOGS = "/logs"
WAITING = "while [ ! -e {} ]; do sleep 0.1; done; echo done 1><LOG_DIR>/stdout"


class Site:
    def __init__(self, make_staging, folder, interval=3000, **times):
        self.folder = folder
        self.staging = make_staging(
            **{
                "heddle.staging.delegation-tokens": "true",
                "dfs.namenode.delegation.token.renew-interval": str(interval),
            }
            | times
        )
        for call in (f"{LOGS}?op=MKDIRS", f"{LOGS}?op=SETPERMISSION&permission=1777"):
            assert self.staging.call("PUT", call)[0] == 200
        (folder / "site").mkdir()
        self.daemons = Daemons(
            folder / "site",
            **{
                "yarn.log-aggregation-enable": "true",
                "yarn.nodemanager.remote-app-log-dir": f"{self.staging.uri}{LOGS}",
                "yarn.nodemanager.recovery.enabled": "true",
                "yarn.nodemanager.recovery.supervised": "true",
                "yarn.resourcemanager.recovery.enabled": "true",
                "yarn.resourcemanager.delayed.delegation-token.removal-interval-ms": "500",
            },
        )

    def token(self, renewer="root") -> str:
        query = f"op=GETDELEGATIONTOKEN&renewer={renewer}&service=127.0.0.1:{self.staging.port}"
        return json.loads(self.staging.call("GET", f"/?{query}")[1])["Token"]["urlString"]

    def use(self, token: str):
        return self.staging.call("GET", f"/?op=LISTSTATUS&delegation={token}")

    def renewals(self) -> int:
        return self.daemons.log("resourcemanager").count("Renewed the WEBHDFS delegation token")

    def wait_for_renewals(self, count: int):
        wait_until(lambda: self.renewals() >= count, 60, f"{count} renewals")

    def wait_for_state(self, application: str, state: str):
        wait_until(lambda: self.daemons.report(application)["state"] == state, 60, state)


@pytest.fixture
def make_site(make_staging, tmp_path):  # noqa: F811
    made = []

    def make(**times) -> Site:
        made.append(Site(make_staging, tmp_path, **times))
        return made[-1]

    yield make
    for site in made:
        site.daemons.close()


def test_an_application_outlives_the_interval_of_its_token_and_the_token_ends_with_it(make_site):
    site = make_site()
    daemons = site.daemons
    token = site.token()
    daemons.start_both()
    application = daemons.submit(WAITING.format(site.folder / "stop"), tokens=[token])
    # At the third the first two intervals are over.
    site.wait_for_renewals(4)
    assert site.use(token)[0] == 200
    # Another ResourceManager goes on with it, from what the first one stored.
    daemons.kill("resourcemanager")
    before = site.renewals()
    daemons.start("resourcemanager")
    site.wait_for_renewals(before + 4)
    assert site.use(token)[0] == 200
    (site.folder / "stop").touch()
    ended = daemons.wait_for_end(application)
    assert "token" not in ended["diagnostics"], ended
    wait_until(lambda: daemons.report(application)["logAggregationStatus"] == "SUCCEEDED", 60, "the logs")
    # Not by its time, since a renewed one is good for longer than that; what has expired is called so.
    refused = wait_until(lambda: (answer := site.use(token))[0] == 403 and answer[1], 60, "the cancellation")
    assert b"can't be found in cache" in refused, refused
    log = daemons.log("resourcemanager")
    assert "Cancelled the WEBHDFS delegation token" in log and token[:40] not in log


def test_a_token_that_cannot_be_renewed_fails_the_submission(make_site):
    site = make_site()
    daemons = site.daemons
    token = site.token()
    assert site.staging.call("PUT", f"/?op=CANCELDELEGATIONTOKEN&token={token}")[0] == 200
    daemons.start_both()
    ended = daemons.wait_for_end(daemons.submit("true", tokens=[token]))
    assert (ended["state"], ended["finalStatus"]) == ("FAILED", "FAILED")
    assert f"Failed to renew the WEBHDFS delegation token 1 of root for 127.0.0.1:{site.staging.port}: " in ended["diagnostics"]
    assert "can't be found in cache" in ended["diagnostics"] and token[:40] not in ended["diagnostics"]
    # One that is for somebody else to renew is nobody's concern here.
    daemons.wait_for_end(other := daemons.submit("echo ran 1><LOG_DIR>/stdout", tokens=[site.token("somebody")]))
    wait_until(lambda: daemons.report(other)["logAggregationStatus"] == "SUCCEEDED", 60, "its logs")
    # A server that is not there is tried several times.
    site.staging.stop()
    ended = daemons.wait_for_end(daemons.submit("true", tokens=[token]))
    assert ended["state"] == "FAILED" and "Failed to renew the WEBHDFS delegation token" in ended["diagnostics"], ended
    assert daemons.log("resourcemanager").count("could not be renewed") >= 1 + 4
    site.staging.start()


def test_the_maximum_lifetime_of_a_token_is_told_of_in_the_diagnostics(make_site):
    site = make_site(**{"dfs.namenode.delegation.token.max-lifetime": "5000"})
    daemons = site.daemons
    token = site.token()
    daemons.start_both()
    application = daemons.submit(WAITING.format(site.folder / "stop"), tokens=[token])
    text = f"The WEBHDFS delegation token 1 of root for 127.0.0.1:{site.staging.port} has reached its maximum lifetime on "
    wait_until(lambda: text in daemons.report(application)["diagnostics"], 60, "the end of the token")
    assert daemons.report(application)["state"] == "ACCEPTED"
    (site.folder / "stop").touch()
    assert text in daemons.wait_for_end(application)["diagnostics"]


def test_a_client_that_wants_its_token_kept_keeps_it(make_site):
    site = make_site(interval=60_000)
    daemons = site.daemons
    kept, cancelled = site.token(), site.token()
    daemons.start_both()
    first = daemons.submit("true", tokens=[kept], cancel_tokens=False)
    second = daemons.submit("true", tokens=[cancelled])
    for application in (first, second):
        daemons.wait_for_end(application)
    wait_until(lambda: site.use(cancelled)[0] == 403, 60, "the cancellation")
    assert site.use(kept)[0] == 200
