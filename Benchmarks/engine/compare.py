"""Measures the engine against others, side by side: every job in every engine, in turns, three times. Run by scripts/bench.sh engine.

Each engine measures the job itself, in a process of its own, without its own start; beside it the process's whole time and
the memory of all its processes are taken from outside."""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCH = os.environ["HEDDLE_ENGINE_BENCH"]
HEDDLE = os.environ["HEDDLE"]
PYTHON = os.environ["HEDDLE_ENGINES_PYTHON"]
SPARK = os.environ.get("HEDDLE_SPARK")
AS_JSON = "--json" in sys.argv
TINY = "--tiny" in sys.argv
TURNS = 1 if TINY else 3


def show(name, value, unit):
    if AS_JSON:
        print(json.dumps({"name": name, "value": round(value, 4), "unit": unit}), flush=True)
    else:
        print(f"{name:52} {value:10.{0 if value >= 1000 else 3}f} {unit}", flush=True)


def resident_mib(root):
    """Of a process and all below it."""
    children, sizes = {}, {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                status = Path(entry.path, "status").read_text()
            except OSError:
                continue
            parent = int(re.search(r"PPid:\s+(\d+)", status).group(1))
            size = re.search(r"VmRSS:\s+(\d+)", status)
            children.setdefault(parent, []).append(int(entry.name))
            sizes[int(entry.name)] = int(size.group(1)) / 1024 if size else 0
    waiting, total = [root], 0
    while waiting:
        pid = waiting.pop()
        total += sizes.get(pid, 0)
        waiting += children.get(pid, [])
    return total


class Result:
    def __init__(self, seconds, check, whole, memory):
        self.seconds, self.check, self.whole, self.memory = seconds, check, whole, memory


def run(command, environment=None):
    """One process: what it says of its job, its whole time, and the most memory that was seen."""
    peak = [0]
    begin = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command], env=os.environ | (environment or {}), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )

    def watch():
        while process.poll() is None:
            peak[0] = max(peak[0], resident_mib(process.pid))
            time.sleep(0.05)

    watcher = threading.Thread(target=watch)
    watcher.start()
    output, errors = process.communicate()
    watcher.join()
    whole = time.monotonic() - begin
    found = re.search(r"^(?:RESULT )?[a-z-]+ ([0-9.eE-]+) (\S+)$", output, re.M)
    if not found:
        raise RuntimeError(f"{' '.join(map(str, command))} measured nothing:\n{output[-500:]}\n{errors[-2000:]}")
    return Result(float(found.group(1)), found.group(2), whole, peak[0])


class Engines:
    def __init__(self, folder):
        self.folder = folder

    def heddle(self, job, *arguments):
        return run([BENCH, "local[2]", job, *arguments])

    def bare(self, job, *arguments):
        return run([BENCH, "bare", *arguments])

    def other(self, engine):
        return lambda job, *arguments: run([PYTHON, HERE / "engines.py", engine, job, *arguments])

    def spark(self, prefix=""):
        def measure(job, *arguments):
            words = " ".join([prefix + job, *map(str, arguments)])
            options = ["--master", "local[2]", "--driver-memory", "8g", "--conf", "spark.ui.enabled=false"]
            environment = {"HEDDLE_BENCH_JOB": words, "SPARK_HOME": SPARK, "SPARK_LOCAL_DIRS": str(self.folder)}
            return run([f"{SPARK}/bin/spark-shell", *options, "-i", HERE / "spark.scala"], environment)

        return measure

    def gnu_sort(self, job, source, target):
        begin = time.monotonic()
        environment = os.environ | {"LC_ALL": "C"}
        subprocess.run(["sort", "--parallel=2", "-S", "4G", "-o", target, source], env=environment, check=True)
        seconds = time.monotonic() - begin
        return Result(seconds, "written", seconds, 0)


class Cluster:
    """A cluster of `heddle up` for executors of the engine: two of one core."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="heddle-bench.")
        self.data = Path(self.folder.name) / "cluster"
        command = [HEDDLE, "up", "--detach", "--directory", self.data, "--nodes", "2", "--memory", "8g", "--vcores", "4"]
        subprocess.run(command, check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        subprocess.run([HEDDLE, "down", "--directory", self.data], check=True, capture_output=True)
        self.folder.cleanup()

    def run(self, job, *arguments):
        return run(
            [HEDDLE, "submit", "--master", "yarn", "--executor-memory", "3g", "--num-executors", "2", BENCH, "-", job,
             *arguments],
            {"HADOOP_CONF_DIR": str(self.data / "conf")},
        )


def compare(name, engines, *arguments, checks=True):
    """In turns, so that what else the machine does meets all of them."""
    results = {engine: [] for engine in engines}
    for _ in range(TURNS):
        for engine, measure in engines.items():
            results[engine].append(measure(name, *arguments))
    ours = statistics.median(result.seconds for result in results["heddle"])
    for engine, found in results.items():
        seconds = statistics.median(result.seconds for result in found)
        show(f"engine.{name}.{engine}", seconds, "s")
        if engine != "heddle":
            show(f"engine.{name}.{engine}.times-heddle", seconds / ours, "x")
        memory = statistics.median(result.memory for result in found)
        if memory:
            show(f"engine.{name}.{engine}.memory", memory, "MiB")
    found = {engine: found[0].check for engine, found in results.items()}
    if checks and len(set(found.values())) > 1:
        raise RuntimeError(f"the answers of {name} differ: {found}")


def anew(measure):
    """The same without what an earlier turn has written."""

    def fresh(job, source, target):
        if target.is_dir():
            shutil.rmtree(target)
        target.unlink(missing_ok=True)
        return measure(job, source, target)

    return fresh


def size(full, tiny):
    return tiny if TINY else full


def main():
    folder = Path(tempfile.mkdtemp(prefix="heddle-bench-data."))
    try:
        measure_all(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_all(folder):
    engines = Engines(folder)
    everyone = {"heddle": engines.heddle} | {name: engines.other(name) for name in ("duckdb", "polars", "datafusion")}
    if SPARK:
        everyone |= {"spark-dataframe": engines.spark(), "spark-rdd": engines.spark("rdd-")}
    rdds = {name: run for name, run in everyone.items() if name in ("heddle", "spark-rdd")}
    text, records, sorted_file = folder / "words.txt", folder / "records.txt", folder / "sorted"
    subprocess.run([BENCH, "make", "text", str(size(512 << 20, 1 << 20)), text], check=True)
    subprocess.run([BENCH, "make", "records", str(size(5_000_000, 10_000)), records], check=True)
    for path in (text, records):  # into the page cache
        subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)
    numbers = size(10_000_000, 10_000)
    compare("words", everyone | {"bare": engines.bare}, text)
    compare("sort", everyone, records, checks=False)
    # Ours is a folder, GNU sort's a file.
    to_file = {"heddle": anew(engines.heddle), "gnu-sort": anew(engines.gnu_sort)}
    compare("sort-to-file", to_file, records, sorted_file)
    compare("sum", everyone, size(200_000_000, 100_000))
    compare("group", everyone, numbers)
    compare("join", everyone, numbers, numbers // 10)
    compare("kmeans", rdds, size(16_000_000, 10_000))
    compare("tasks", rdds, size(20_000, 100))
    compare("jobs", rdds, size(200, 10))
    first = [engines.heddle("first").seconds for _ in range(TURNS)]
    show("engine.first-task.local[2]", statistics.median(first), "s")
    with Cluster() as cluster:
        first = [cluster.run("first").whole for _ in range(TURNS)]
        show("engine.submit-of-one-task.yarn", statistics.median(first), "s")
        compare("words", {"heddle": engines.heddle, "heddle-yarn": cluster.run}, text)
        compare("sort", {"heddle": engines.heddle, "heddle-yarn": cluster.run}, records)
        compare("group", {"heddle": engines.heddle, "heddle-yarn": cluster.run}, numbers)
        compare("tasks", {"heddle": engines.heddle, "heddle-yarn": cluster.run}, size(20_000, 100))


if __name__ == "__main__":
    main()
