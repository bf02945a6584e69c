"""scripts/yarn, start-yarn.sh and stop-yarn.sh, as an operator of Hadoop calls them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from cluster import APPLICATION, ROOT, find_answer, heddle_program, java_home, processes, wait_until
from engine import PROGRAM
from installation import Installation, daemons
from ports import is_free


def wait_for_node(installation: Installation, host="127.0.0.2"):
    said = []

    def is_there():
        listed = installation.yarn("node", "-list")
        said.append(listed.stdout + listed.stderr)
        return host in listed.stdout

    try:
        wait_until(is_there, 60, "the node to register")
    except AssertionError:
        logs = [f"{log}:\n{log.read_text()[-3000:]}" for log in sorted(installation.logs.glob("*"))]
        raise AssertionError("\n".join(["the node did not register", said[-1], *logs])) from None


def test_the_scripts_start_and_stop_daemons_on_this_machine(installation):
    started = installation.run("start-yarn.sh")
    assert started.returncode == 0, started.stdout + started.stderr
    assert len(daemons(installation.folder)) == 2
    user = pwd.getpwuid(os.geteuid()).pw_name
    names = {f"hadoop-{user}-{daemon}" for daemon in ("resourcemanager", "nodemanager")}
    assert {file.name for file in installation.pids.iterdir()} == {f"{name}.pid" for name in names}
    logs = {file.name for file in installation.logs.glob("*.out")}
    assert logs == {f"{name}-{os.uname().nodename}.out" for name in names}
    for file in [*installation.pids.iterdir(), *installation.logs.glob("*.out")]:
        assert file.stat().st_mode & 0o777 == 0o600, file
    for folder in (installation.pids, installation.logs):
        assert folder.stat().st_mode & 0o777 == 0o700, folder
    wait_for_node(installation)
    assert "is running as process" in installation.yarn("--daemon", "status", "resourcemanager").stdout
    twice = installation.yarn("--daemon", "start", "resourcemanager")
    assert twice.returncode == 1 and "Stop it first" in twice.stdout
    assert installation.yarn("--config", installation.etc, "app", "-list").returncode == 0
    stopped = installation.run("stop-yarn.sh")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert daemons(installation.folder) == set()
    assert list(installation.pids.iterdir()) == []
    assert installation.yarn("--daemon", "status", "nodemanager").returncode == 3
    assert installation.run("stop-yarn.sh").returncode == 0, "stopping what does not run is no failure"


def test_a_daemon_that_crashed_is_known_to_be_stopped_and_starts_again(installation):
    assert installation.yarn("--daemon", "start", "resourcemanager").returncode == 0
    [file] = installation.pids.iterdir()
    pid = int(file.read_text())
    os.kill(pid, 9)
    wait_until(lambda: pid not in processes(), 10, "its end")
    status = installation.yarn("--daemon", "status", "resourcemanager")
    assert status.returncode == 1 and str(file) in status.stdout
    # Another program may get the number: it is neither taken for the daemon nor stopped.
    bystander = subprocess.Popen(["sleep", "600"])
    try:
        file.write_text(f"{bystander.pid}\n")
        assert installation.yarn("--daemon", "status", "resourcemanager").returncode == 1
        assert installation.yarn("--daemon", "stop", "resourcemanager").returncode == 0
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()
    assert installation.yarn("--daemon", "start", "resourcemanager").returncode == 0
    assert installation.yarn("--daemon", "stop", "resourcemanager").returncode == 0


def test_hadoops_settings_file_is_read(installation):
    """hadoop-env.sh in the configuration folder, as every installation of Hadoop has one."""
    other = installation.folder / "other"
    (installation.etc / "hadoop-env.sh").write_text(
        f"# looks at what nobody set: $NOBODY_SET_THIS\nfalse\nexport HADOOP_PID_DIR={other} JAVA_HOME=/java/of/its/own\n"
        "export HADOOP_IDENT_STRING=production\n"
    )
    started = installation.yarn("--daemon", "start", "nodemanager")
    try:
        assert started.returncode == 0, started.stderr
        pid = int((other / "hadoop-production-nodemanager.pid").read_text())
        assert "JAVA_HOME=/java/of/its/own" in processes()[pid][1]
        assert f"HADOOP_LOG_DIR={installation.logs}" in processes()[pid][1]
        shown = installation.yarn("envvars").stdout.splitlines()
        assert f"HADOOP_PID_DIR='{other}'" in shown and "JAVA_HOME='/java/of/its/own'" in shown
    finally:
        assert installation.yarn("--daemon", "stop", "nodemanager").returncode == 0
    (installation.etc / "hadoop-env.sh").unlink()
    # Without it, jobs get the `java` on PATH.
    assert f"JAVA_HOME='{Path(shutil.which('java')).resolve().parents[1]}'" in installation.yarn("envvars").stdout


@pytest.fixture
def remote(installation):
    """An `ssh` that runs what it is given on this machine, as sshd would: in a shell without the caller's environment."""
    programs = installation.folder / "programs"
    programs.mkdir()
    calls = installation.folder / "calls"
    ssh = programs / "ssh"
    ssh.write_text(
        "#!/bin/bash\n"
        f'printf "%s\\n" "$*" >>{calls}\n'
        'while [ "$1" != -- ]; do host=$1; shift; done\n'
        'if [ "$host" = dead.example ]; then echo "ssh: connect to host dead.example port 22: No route to host" >&2\n'
        "exit 255; fi\n"
        f'exec env -i PATH="$PATH" HOME="$HOME" REMOTE_HOST="$host" bash -c "$2"\n'
    )
    ssh.chmod(0o755)
    installation.extra["PATH"] = f"{programs}:{os.environ['PATH']}"
    (installation.etc / "hadoop-env.sh").write_text(
        f"export HEDDLE={heddle_program()} HADOOP_LOG_DIR={installation.logs}\n"
        # Where a host keeps its pid files tells which host started what.
        f'export HADOOP_PID_DIR="{installation.pids}$REMOTE_HOST"\n'
    )
    installation.calls = lambda: calls.read_text().splitlines() if calls.exists() else []
    return installation


def test_other_hosts_of_the_workers_file_are_reached_by_ssh(remote):
    (remote.etc / "workers").write_text("# the others\n  node-7.example  # in rack 2\n\n")
    started = remote.run("start-yarn.sh")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        [call] = remote.calls()
        options, command = call.split(" node-7.example -- ")
        assert "BatchMode=yes" in options and "StrictHostKeyChecking=yes" in options
        assert command.strip() == f"{ROOT}/scripts/yarn --config {remote.etc} --daemon start nodemanager"
        [file] = (remote.folder / "runnode-7.example").glob("*-nodemanager.pid")
        assert int(file.read_text()) in daemons(remote.folder)
        wait_for_node(remote)
        status = remote.yarn("--workers", "--daemon", "status", "nodemanager")
        assert status.returncode == 0
        assert status.stdout.startswith("node-7.example: nodemanager is running as process ")
        again = remote.run("start-yarn.sh")
        assert again.returncode == 1 and "node-7.example: nodemanager is running" in again.stdout
    finally:
        stopped = remote.run("stop-yarn.sh")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert not file.exists()


def test_a_host_that_cannot_be_reached_is_named_and_the_others_start(remote):
    (remote.etc / "workers").write_text("dead.example\nlocalhost\n-oProxyCommand=touch$IFS/stolen\n")
    started = remote.run("start-yarn.sh")
    try:
        assert started.returncode == 1
        assert "dead.example: ssh: connect to host dead.example port 22: No route to host" in started.stdout
        assert "-oProxyCommand=touch$IFS/stolen: not a host name" in started.stderr
        assert len(remote.calls()) == 1
        wait_for_node(remote)
    finally:
        (remote.etc / "workers").write_text("localhost\n")
        assert remote.run("stop-yarn.sh").returncode == 0


def test_hosts_may_be_named_on_the_command_line(remote):
    remote.extra["HADOOP_SSH_OPTS"] = "-p 2222"
    status = remote.yarn("--hostnames", "a.example,b.example", "--daemon", "status", "nodemanager")
    assert status.returncode == 1, "no host runs one"
    assert sorted(status.stdout.splitlines()) == [f"{host}.example: nodemanager is stopped." for host in "ab"]
    assert all(call.startswith("-p 2222 ") for call in remote.calls())
    (remote.etc / "others").write_text("c.example\n")
    status = remote.yarn("--hosts", "others", "--daemon", "status", "resourcemanager")
    assert status.stdout == "c.example: resourcemanager is stopped.\n"
    assert "go with --daemon" in remote.yarn("--workers", "version").stderr


def test_a_daemon_that_cannot_start_says_why(tmp_path):
    installation = Installation(tmp_path, tmp_path / "etc")
    installation.etc.mkdir()
    (installation.etc / "yarn-site.xml").write_text("<configuration><property>")
    run = installation.yarn("--daemon", "start", "resourcemanager")
    assert run.returncode == 1
    assert "yarn-site.xml" in run.stderr, run.stderr
    assert list(installation.pids.iterdir()) == []


@pytest.mark.parametrize(
    "words,text",
    [
        (["top"], "Heddle has no 'top'. See 'yarn application -list'"),
        (["jar", "job.jar", "Main"], "Heddle has no 'jar'. There is no Hadoop in Java here"),
        (["classpath"], "Heddle has no 'classpath'. There are no Hadoop jars here"),
        (["cluster", "-lnl"], "Heddle has no 'cluster'"),
        (["org.example.Main"], "no such command: org.example.Main"),
        (["--nonsense"], "unknown option --nonsense"),
        (["--config", "/nonexistent", "version"], "--config /nonexistent: not a folder"),
        (["--daemon", "start", "timelineserver"], "there is no daemon timelineserver"),
        (["--loglevel", "loud", "nodemanager"], "--loglevel is loud"),
        ([], "Usage: yarn"),
    ],
)
def test_what_is_absent_or_wrong_is_said_with_a_failure(tmp_path, words, text):
    run = Installation(tmp_path, ROOT / "etc-hadoop").yarn(*words)
    assert run.returncode == 1
    assert text in run.stderr, run.stderr
    assert run.stdout == "", "a script that reads the answer must not take this for one"


def test_version_and_help(tmp_path):
    installation = Installation(tmp_path, ROOT / "etc-hadoop")
    version = installation.yarn("version")
    assert version.returncode == 0 and version.stdout.startswith("Heddle ") and "Hadoop 3." in version.stdout
    for word in ("--help", "-help", "help"):
        run = installation.yarn(word)
        assert run.returncode == 0 and run.stdout.startswith("Usage: yarn")


def test_submit_is_heddles(tmp_path):
    """In the environment of the other scripts, with the exit code of what runs."""
    installation = Installation(tmp_path, ROOT / "etc-hadoop")
    run = installation.run("submit", "--master", "local[2]", PROGRAM, "-", "rounds", "3")
    assert (run.returncode, run.stdout) == (0, "135\n"), run.stderr
    assert "Usage: heddle submit" in installation.run("submit", "--help").stdout.replace("USAGE", "Usage")
    run = installation.run("submit", "--master", "mesos://host:5050", PROGRAM)
    assert run.returncode == 1 and "mesos" in run.stderr


EXAMPLE_PORTS = (8030, 8031, 8032, 8033, 8088, 8041, 8042, 7447)


@pytest.fixture
def example():
    """etc-hadoop as it is. Its containers run as their submitter, who can only look into public folders."""
    taken = [port for port in EXAMPLE_PORTS if not is_free(port)]
    if taken:
        pytest.skip(f"the example's ports {taken} are taken on this machine")
    home = Path(tempfile.mkdtemp(prefix="heddle-example-", dir="/tmp"))
    home.chmod(0o755)
    state = Path(f"/tmp/hadoop-{pwd.getpwuid(os.geteuid()).pw_name}")
    was_there = set(state.iterdir()) if state.exists() else None
    installation = Installation(home, ROOT / "etc-hadoop")
    yield installation
    installation.run("stop-yarn.sh")
    shutil.rmtree(home)
    if was_there is None:
        shutil.rmtree(state)


def public(path: Path, example: Installation) -> Path:
    """The path, or a copy of what is there if others may not go there."""
    if all(folder.stat().st_mode & 0o5 == 0o5 for folder in [path, *path.parents]):
        return path
    return Path(shutil.copytree(path, example.folder / path.name, symlinks=True))


def test_the_example_configuration_is_a_working_cluster(example, spark35, class_jar):
    """Started by the script, as root where tests run as root: then an ordinary user is the one who submits."""
    started = example.run("start-yarn.sh")
    assert started.returncode == 0, started.stdout + started.stderr
    wait_for_node(example, "127.0.0.1:8041")
    home = example.folder / "user"
    home.mkdir()
    as_user, user = [], pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        user = "nobody"
        shutil.chown(home, user)
        as_user = ["setpriv", "--reuid", user, "--regid", str(pwd.getpwnam(user).pw_gid), "--clear-groups"]
    job = shutil.copy(class_jar, example.folder / "job.jar")
    spark, conf = public(spark35.home, example), public(ROOT / "etc-hadoop", example)
    run = subprocess.run(
        [
            *as_user,
            str(spark / "bin" / "spark-submit"),
            *("--master", "yarn", "--deploy-mode", "cluster", "--executor-memory", "512m", "--driver-memory", "512m"),
            *("--conf", f"spark.yarn.jars=local:{spark}/jars/*", "--conf", f"spark.yarn.stagingDir=file://{home}/staging"),
            *("--class", "CountWords", job, "to", "be", "or", "not", "to", "be"),
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "JAVA_HOME": java_home(),
            "HADOOP_CONF_DIR": str(conf),
            "SPARK_HOME": str(spark),
            "SPARK_LOCAL_IP": "127.0.0.1",
        },
        cwd=home,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert run.returncode == 0, run.stderr[-6000:]
    application = APPLICATION.search(run.stderr).group()
    status = example.yarn("application", "-status", application).stdout
    assert "Final-State : SUCCEEDED" in status and f"User : {user}" in status
    logs = Path(f"/tmp/hadoop-{pwd.getpwuid(os.geteuid()).pw_name}/nm-log-dir/{application}")
    [out] = logs.glob("container_*_01_000001/stdout")
    assert find_answer(out.read_text()) == 4
    assert out.owner() == user
    assert list((home / "staging").glob(f"**/{application}")) == []
