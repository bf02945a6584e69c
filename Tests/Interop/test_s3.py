"""Resources on S3: a real YARN client names them, the NodeManager fetches them from moto's server, which checks signatures."""

import hashlib
import io
import os
import re
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest

from buckets import moto, settings
from cluster import ROOT, find_answer, java_home, wait_until
from conftest import JOBS
from daemons import Daemons

JAVA = Path(__file__).parent / "java"


@pytest.fixture
def trusting_store(tmp_path):
    """One that does not check signatures: Amazon's SDK for Java signs its name (User-Agent), too, which moto cannot check."""
    with moto(tmp_path, checks_signatures=False) as (url, s3, _):
        yield url, s3


@pytest.fixture
def daemons(tmp_path, store):
    url, _, keys = store
    made = Daemons(tmp_path)
    # The other is a bucket that nobody may read with these.
    made.set(**settings(url, keys), **{"fs.s3a.bucket.other.secret.key": "wrong"})
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


def zipped(entries: dict) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return packed.getvalue()


def properties(values: dict) -> str:
    return "".join(f"{key}={value}\n" for key, value in values.items())


def test_sparks_application_master_and_executors_get_the_job_from_s3(store, daemons, spark40):
    """What Spark's client cannot do without hadoop-aws, any other YARN client can: name resources on S3.

    Spark's ApplicationMaster passes the addresses on to its executors as it was given them, and opens none.
    """
    _, s3, _ = store
    spark = spark40
    [py4j] = spark.home.glob("python/lib/py4j-*-src.zip")

    def put(name: str, content: bytes) -> tuple:
        s3.put_object(Bucket="jobs", Key=f"4.0/{name}", Body=content)
        time = int(s3.head_object(Bucket="jobs", Key=f"4.0/{name}")["LastModified"].timestamp()) * 1000
        return f"s3a://jobs/4.0/{name}", len(content), time

    files = {
        "job.py": put("job.py", (JOBS / "stored_on_s3.py").read_bytes()),
        "shipped_module.py": put("shipped_module.py", b"def double(x):\n    return 2 * x\n"),
        "pyspark.zip": put("pyspark.zip", (spark.home / "python/lib/pyspark.zip").read_bytes()),
        "py4j.zip": put("py4j.zip", py4j.read_bytes()),
    }
    box = put("box.zip", zipped({"inner/deep.txt": "deep inside"}))
    shared = [*((name, "FILE", *file) for name, file in files.items()), ("box", "ARCHIVE", *box)]
    paths = "{{PWD}}<CPS>{{PWD}}/pyspark.zip<CPS>{{PWD}}/py4j.zip"
    values = {
        "spark.master": "yarn",
        "spark.submit.deployMode": "cluster",
        "spark.app.name": "from S3",
        "spark.executor.instances": 1,
        "spark.executor.memory": "512m",
        "spark.yarn.jars": f"local:{spark.jars}/*",
        "spark.yarn.preserve.staging.files": "true",
        "spark.executorEnv.PYTHONPATH": paths,
        "spark.executorEnv.PYSPARK_PYTHON": spark.python,
    }
    cached = {
        "spark.yarn.cache.filenames": ",".join(f"{address}#{name}" for name, _, address, _, _ in shared),
        "spark.yarn.cache.types": ",".join(kind for _, kind, *_ in shared),
        "spark.yarn.cache.sizes": ",".join(str(size) for *_, size, _ in shared),
        "spark.yarn.cache.timestamps": ",".join(str(time) for *_, time in shared),
        "spark.yarn.cache.visibilities": ",".join("PRIVATE" for _ in shared),
    }
    conf = put(
        "conf.zip",
        zipped(
            {"__spark_conf__.properties": properties(values), "__spark_dist_cache__.properties": properties(cached)}
            | {f"__hadoop_conf__/{path.name}": path.read_text() for path in daemons.conf.iterdir()}
        ),
    )
    # The launcher of Java reads these; Spark's own names the same.
    opened = ("java.lang", "java.lang.invoke", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch")
    application = daemons.submit(
        f"{java_home()}/bin/java -Xmx512m org.apache.spark.deploy.yarn.ApplicationMaster"
        " --class org.apache.spark.deploy.PythonRunner --primary-py-file job.py"
        " --properties-file {{PWD}}/conf/__spark_conf__.properties"
        " --dist-cache-conf {{PWD}}/conf/__spark_dist_cache__.properties 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr",
        memory=900,
        resources={name: address for name, (address, _, _) in files.items()},
        archives={"conf": conf[0], "box": box[0]},
        environment={
            "CLASSPATH": f"{{{{PWD}}}}/conf/__hadoop_conf__<CPS>{spark.jars}/*",
            "JDK_JAVA_OPTIONS": " ".join(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in opened),
            "PYTHONPATH": paths,
            "PYSPARK_PYTHON": str(spark.python),
            "SPARK_USER": "root",
            "SPARK_YARN_MODE": "true",
            # What it would delete at the end: the only place that it opens itself.
            "SPARK_YARN_STAGING_DIR": f"file://{daemons.folder}/none",
            "SPARK_LOCAL_IP": "127.0.0.1",
        },
    )
    ended = daemons.wait_for_end(application, 180)
    logs = daemons.log_folder(application)
    assert ended["finalStatus"] == "SUCCEEDED", (ended["diagnostics"], (logs / "stderr").read_text()[-4000:])
    assert find_answer((logs / "stdout").read_text()) == [[0, 0, "deep inside", True], [1, 2, "deep inside", True]]


def test_sparks_own_client_says_what_it_needs_for_s3(store, daemons, spark35, tmp_path):
    """It opens every resource itself, and its jars know no S3: nothing is submitted."""
    _, s3, _ = store
    s3.put_object(Bucket="jobs", Key="note.txt", Body=b"a note")
    command = [spark35.home / "bin" / "spark-submit", "--master", "yarn", "--deploy-mode", "cluster"]
    command += ["--files", "s3a://jobs/note.txt", "--conf", f"spark.yarn.stagingDir=file://{tmp_path}", JOBS / "pi.py", "1"]
    places = {"JAVA_HOME": java_home(), "HADOOP_CONF_DIR": daemons.conf, "SPARK_HOME": spark35.home}
    environment = os.environ | {key: str(value) for key, value in places.items()}
    done = subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode != 0, done.stdout
    assert "Class org.apache.hadoop.fs.s3a.S3AFileSystem not found" in done.stderr, done.stderr[-3000:]
    assert daemons.metrics()["appsSubmitted"] == 0


@pytest.fixture(scope="module")
def s3a_jars() -> list:
    """hadoop-aws and what it needs, as Amazon's package for PySpark brings them: for Hadoop 3.3, so for Spark 3.5."""
    venv = Path(os.environ.get("HEDDLE_S3A", ROOT / ".venv-s3a"))
    found = [*venv.glob("lib/*/site-packages/sagemaker_pyspark/jars/*-aws-*.jar")]
    found += venv.glob("lib/*/site-packages/sagemaker_pyspark/jars/aws-java-sdk-bundle-*.jar")
    assert len(found) == 2, f"no hadoop-aws in {venv}: run scripts/test.sh, or set HEDDLE_S3A"
    return found


@pytest.mark.parametrize("mode", ["cluster", pytest.param("client", marks=pytest.mark.full)])
def test_spark_stages_its_job_on_s3(trusting_store, daemons, spark35, s3a_jars, tmp_path, mode):
    """Spark's own client writes to a folder on S3, the NodeManager fetches from there, Spark clears it away."""
    url, s3 = trusting_store
    bucket = "fs.s3a.bucket.jobs"
    daemons.settings |= {f"{bucket}.endpoint": url, f"{bucket}.access.key": "any", f"{bucket}.secret.key": "any"}
    daemons.set()
    for name in ("nodemanager", "resourcemanager"):
        daemons.stop(name)
    daemons.start_both()
    archive = tmp_path / "box.zip"
    archive.write_bytes(zipped({"inner/deep.txt": "deep inside"}))
    module = tmp_path / "shipped_module.py"
    module.write_text("def double(x):\n    return 2 * x\n")
    settings = {
        "spark.yarn.stagingDir": f"s3a://jobs/{mode}",
        "spark.yarn.jars": f"local:{spark35.jars}/*",
        "spark.executor.instances": "1",
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
    }
    command = [spark35.home / "bin" / "spark-submit", "--master", "yarn", "--deploy-mode", mode]
    command += [word for key, value in settings.items() for word in ("--conf", f"{key}={value}")]
    command += ["--py-files", module, "--archives", f"{archive}#box", JOBS / "stored_on_s3.py"]
    places = {
        "JAVA_HOME": java_home(),
        "HADOOP_CONF_DIR": daemons.conf,
        "SPARK_HOME": spark35.home,
        "PYSPARK_PYTHON": spark35.python,
        "SPARK_LOCAL_IP": "127.0.0.1",
        # Of the client and of its containers.
        "SPARK_DIST_CLASSPATH": ":".join(map(str, s3a_jars)),
    }
    environment = os.environ | {key: str(value) for key, value in places.items()}
    done = subprocess.run([*map(str, command)], env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-4000:]
    [application] = set(re.findall(r"application_\d+_\d+", done.stderr))
    assert daemons.wait_for_end(application, 60)["finalStatus"] == "SUCCEEDED"
    output = done.stdout if mode == "client" else (daemons.log_folder(application) / "stdout").read_text()
    assert find_answer(output) == [[0, 0, "deep inside", True], [1, 2, "deep inside", True]]
    assert re.search(rf"Uploading resource file:\S+box.zip\S* -> s3a://jobs/{mode}/\w+/.sparkStaging", done.stderr), done.stderr
    left = s3.list_objects_v2(Bucket="jobs", Prefix=mode).get("Contents", [])
    assert not [item["Key"] for item in left if application in item["Key"]]
