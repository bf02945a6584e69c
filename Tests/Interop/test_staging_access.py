"""Who may do what on a staging server: access control lists, proxy users, delegation tokens, and callers from elsewhere."""

import json
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from cluster import shipped_files, wait_until
from daemons import Daemons
from namespaces import Neighbour
from ports import free_port
from staging import NoRedirect, Staging

JOBS = Path(__file__).parent / "jobs"
TOKENS = Path(__file__).parent / "java" / "UseTokens.java"


@pytest.fixture
def make_staging(tmp_path):
    made = []

    def make(port=0, **settings) -> Staging:
        server = Staging(tmp_path / f"staging{len(made)}", port=port, settings=settings)
        made.append(server)
        server.start()
        return server

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def neighbour():
    """Another host; this needs root and iproute2, which CI has."""
    other = Neighbour()
    yield other
    other.close()


def test_hadoops_shell_changes_access_lists_as_on_hdfs(make_staging, spark35, tmp_path):
    staging = make_staging()

    def shell(*words, **options):
        return staging.shell(spark35, *words, **options)

    (tmp_path / "text").write_text("hello\n")
    shell("-mkdir", "-p", "/data")
    shell("-chmod", "750", "/data")
    shell("-setfacl", "-m", "user:bob:r-x,default:user:bob:rw-,default:group:staff:r--", "/data")
    assert shell("-getfacl", "/data") == (
        "# file: /data\n# owner: root\n# group: supergroup\n"
        "user::rwx\nuser:bob:r-x\ngroup::r-x\nmask::r-x\nother::---\n"
        "default:user::rwx\ndefault:user:bob:rw-\ndefault:group::r-x\ndefault:group:staff:r--\ndefault:mask::rwx\n"
        "default:other::---\n\n"
    )
    assert [line.split()[0] for line in shell("-ls", "/").splitlines() if line.endswith("/data")] == ["drwxr-x---+"]
    shell("-put", tmp_path / "text", "/data/text")
    # What a new file inherits stays within what its maker asked for (666 before the umask).
    assert shell("-getfacl", "/data/text") == (
        "# file: /data/text\n# owner: root\n# group: supergroup\n"
        "user::rw-\nuser:bob:rw-\ngroup::r-x\t#effective:r--\ngroup:staff:r--\nmask::rw-\nother::---\n\n"
    )
    assert shell("-cat", "/data/text", user="bob") == "hello\n"
    assert 'user=carol, access=EXECUTE, inode="/data":root:supergroup:drwxr-x---+' in shell(
        "-cat", "/data/text", user="carol", code=1
    )
    shell("-setfacl", "-x", "user:bob", "/data/text")
    assert "Permission denied" in shell("-cat", "/data/text", user="bob", code=1)
    shell("-setfacl", "--set", "user::rw-,user:bob:r--,group::---,other::---", "/data/text")
    assert shell("-cat", "/data/text", user="bob") == "hello\n"
    shell("-setfacl", "-k", "/data")
    shell("-setfacl", "-b", "/data/text")
    assert "default:" not in shell("-getfacl", "-R", "/data") and "+" not in shell("-ls", "/data")
    assert "only directories may have a default ACL" in shell("-setfacl", "-m", "default:user:bob:r--", "/data/text", code=1)


def test_a_proxy_user_acts_for_those_whom_the_configuration_names(make_staging, spark35):
    staging = make_staging(**{"hadoop.proxyuser.root.users": "alice", "hadoop.proxyuser.root.hosts": "127.0.0.0/8",
                              "hadoop.proxyuser.far.users": "*", "hadoop.proxyuser.far.hosts": "192.0.2.1"})  # fmt: skip
    staging.call("PUT", "/user/alice?op=MKDIRS&permission=700")
    staging.call("PUT", "/user/alice?op=SETOWNER&owner=alice")
    staging.call("PUT", "/user/alice/mine?op=MKDIRS&doas=alice")

    def listed(user):
        return staging.java(spark35, TOKENS, "proxy", staging.uri, "/user/alice", user).stdout

    assert listed("alice") == "alice mine\n"
    refused = listed("bob")
    assert refused.startswith("refused org.apache.hadoop.security.authorize.AuthorizationException"), refused
    assert "User: root is not allowed to impersonate bob" in refused
    status, body = staging.call("GET", "/?op=LISTSTATUS&doas=alice", user="far")
    assert status == 403 and b"Unauthorized connection for super-user: far from IP 127.0.0.1" in body


def test_hadoops_client_gets_renews_uses_and_cancels_tokens(make_staging, spark35, tmp_path):
    staging = make_staging(**{"heddle.staging.delegation-tokens": "true"})
    staging.call("PUT", "/user/root?op=MKDIRS&permission=700")
    staging.call("PUT", "/user/root/mine?op=MKDIRS")

    def use(*words):
        done = staging.java(spark35, TOKENS, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    kept = tmp_path / "tokens"
    assert use("get", staging.uri, "root", kept) == f"WEBHDFS delegation for 127.0.0.1:{staging.port}\nowner root\n"
    assert use("list", staging.uri, "/user/root", kept) == "root mine\n"
    assert use("renew", kept).startswith("until ")
    assert use("cancel", kept) == "cancelled\n"
    gone = use("list", staging.uri, "/user/root", kept)
    assert "SecretManager$InvalidToken" in gone and "can't be found in cache" in gone
    # Somebody else's to renew.
    use("get", staging.uri, "yarn", kept)
    refused = use("renew", kept)
    assert refused.startswith("refused org.apache.hadoop.security.AccessControlException"), refused
    assert "root tries to renew a token with renewer yarn" in refused


def test_a_token_that_nobody_renews_expires(make_staging, spark35, tmp_path):
    staging = make_staging(
        **{"heddle.staging.delegation-tokens": "true", "dfs.namenode.delegation.token.renew-interval": "1000"}
    )
    kept = tmp_path / "tokens"
    staging.java(spark35, TOKENS, "get", staging.uri, "root", kept)
    wait_until(
        lambda: "SecretManager$InvalidToken" in staging.java(spark35, TOKENS, "list", staging.uri, "/", kept).stdout,
        60,
        "the token's end",
    )
    assert "SecretManager$InvalidToken" in staging.java(spark35, TOKENS, "renew", kept).stdout


def open_to(neighbour, make_staging, **settings) -> Staging:
    """A staging server that the other host reaches, and this one too."""
    port = free_port()
    server = make_staging(
        **{
            "heddle.staging.address": f"{neighbour.here}:{port}",
            "heddle.staging.bind-host": "0.0.0.0",
            "heddle.security.allow-insecure-network": "true",
            "heddle.staging.delegation-tokens": "true",
            "fs.defaultFS": f"webhdfs://{neighbour.here}:{port}",
        }
        | settings,
        port=port,
    )
    server.call("PUT", "/user/root?op=MKDIRS&permission=700")
    return server


def status_of(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_from_another_host_a_name_gives_no_rights_and_a_token_does(neighbour, make_staging, spark35, tmp_path):
    staging = open_to(neighbour, make_staging)
    uri = f"webhdfs://{neighbour.here}:{staging.port}"
    root = f"http://{neighbour.here}:{staging.port}/webhdfs/v1"
    staging.java(spark35, TOKENS, "get", uri, "root", tmp_path / "tokens")
    text = json.loads(staging.call("GET", "/?op=GETDELEGATIONTOKEN&renewer=root")[1])["Token"]["urlString"]
    with neighbour.inside():
        for query in ("op=LISTSTATUS&user.name=root", "op=LISTSTATUS", "op=GETDELEGATIONTOKEN&user.name=root"):
            assert status_of(f"{root}/?{query}") == 401
        assert status_of(f"{root}/user/root?op=LISTSTATUS&delegation={text}") == 200
        # A token gives no further one.
        assert status_of(f"{root}/?op=GETDELEGATIONTOKEN&delegation={text}") == 403
        forged = text[:10] + ("B" if text[10] == "A" else "A") + text[11:]
        assert status_of(f"{root}/user/root?op=LISTSTATUS&delegation={forged}") == 403
        words = ["org.apache.hadoop.fs.FsShell", "-fs", uri]
        denied = staging.java(spark35, *words, "-ls", "/")
        # Of a 401 Hadoop's client shows no more than that.
        assert denied.returncode == 1 and "Unauthorized" in denied.stderr, denied.stderr
        (tmp_path / "text").write_text("hello\n")
        for words_more in (["-put", tmp_path / "text", "/user/root/text"], ["-cat", "/user/root/text"]):
            done = staging.java(spark35, *words, *words_more, tokens=tmp_path / "tokens")
            assert done.returncode == 0, done.stderr
        assert done.stdout == "hello\n"


def test_named_addresses_are_believed(neighbour, make_staging):
    staging = open_to(neighbour, make_staging, **{"heddle.staging.trusted-addresses": neighbour.there})
    with neighbour.inside():
        address = f"http://{neighbour.here}:{staging.port}/webhdfs/v1/user/root?op=LISTSTATUS&user.name=root"
        assert status_of(address) == 200


def test_spark_in_cluster_mode_reaches_it_from_another_host_by_its_token_alone(
    neighbour, make_staging, make_cluster, spark35, tmp_path
):
    """Submitter, both daemons and all containers are on a host whose names the staging server does not believe."""
    staging = open_to(neighbour, make_staging)
    uri = f"webhdfs://{neighbour.here}:{staging.port}"
    # Not for the ResourceManager to renew: it is not believed either.
    staging.java(spark35, TOKENS, "get", uri, "nobody", tmp_path / "tokens")
    shipped = shipped_files(tmp_path)
    with neighbour.inside():
        cluster = make_cluster(nodes=1, extra={"HADOOP_TOKEN_FILE_LOCATION": str(tmp_path / "tokens")})
        options = [f"spark.yarn.stagingDir={uri}/user/root", *shipped]
        done = cluster.succeed(spark35, "cluster", JOBS / "shipped.py", options=options)
        cluster.down()
    assert done.answer == [[0, 0, "a note", "deep inside"], [1, 2, "a note", "deep inside"]]
    # Without it the submitter gets nowhere.
    with neighbour.inside():
        again = make_cluster(nodes=1)
        refused = again.submit(spark35, "cluster", JOBS / "shipped.py", options=options)
        again.down()
    assert refused.code != 0 and "AccessControlException: Unauthorized" in refused.log, refused.log[-3000:]


def test_it_runs_inside_the_resource_manager(tmp_path):
    port = free_port()
    daemons = Daemons(tmp_path, **{"heddle.staging.address": f"127.0.0.1:{port}", "heddle.staging.path": f"{tmp_path}/files"})
    try:
        daemons.start_both()
        made = urllib.request.Request(f"http://127.0.0.1:{port}/webhdfs/v1/in?op=CREATE&user.name=root", method="PUT", data=b"")
        with urllib.request.urlopen(redirected(made, b"from the server"), timeout=30) as answer:
            assert answer.status == 201
        application = daemons.submit("cat text 1><LOG_DIR>/stdout", resources={"text": f"webhdfs://127.0.0.1:{port}/in"})
        assert daemons.wait_for_end(application)["finalStatus"] in ("SUCCEEDED", "FAILED")
        assert (daemons.log_folder(application) / "stdout").read_text() == "from the server"
        assert daemons.stop("nodemanager") == 0 and daemons.stop("resourcemanager") == 0
        daemons.start("resourcemanager")
        address = f"http://127.0.0.1:{port}/webhdfs/v1/in?op=OPEN&user.name=root"

        def kept():
            try:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    return answer.read()
            except OSError:
                return None

        assert wait_until(kept, 30, "the file after a restart") == b"from the server"
    finally:
        daemons.close()


def redirected(first: urllib.request.Request, content: bytes) -> urllib.request.Request:
    """The second step of an upload."""
    try:
        urllib.request.build_opener(NoRedirect).open(first, timeout=30)
    except urllib.error.HTTPError as error:
        assert error.code == 307
        return urllib.request.Request(error.headers["Location"], method="PUT", data=content)
    raise AssertionError("the first step was not redirected")
