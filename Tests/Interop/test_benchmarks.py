"""Benchmarks that nobody runs rot: each area of HeddleBench, with next to nothing to do. No time is asserted."""

import fnmatch
import json
import os
import re
import subprocess

import pytest

from cluster import ROOT, heddle_program

ENGINE_VALUES = ("integers", "fractions", "words-and-counts", "codable-rows")

FIGURES = {
    "rpc": {f"rpc.echo.{n}-connections{what}" for n in (1, 64) for what in ("", ".per-core", ".cpu")},
    "allocate": {
        f"allocate.{what}.{share}"
        for what in ("register", "nothing-asked", "one-granted")
        for share in ("median", "p99")
    },
    "heartbeat": {
        f"heartbeat.{load}.{what}"
        for load in ("paced", "saturated")
        for what in ("rate", "cpu", "bare-loop", "times-bare-loop")
    },
    "container": {"container.rate", "container.cpu"},
    "launch": {
        "launch.rate",
        "launch.bare-loop",
        "launch.bare-loop.one-at-a-time",
        "launch.share-of-bare-loop",
        "launch.nodemanager.cpu",
        "launch.processes.cpu",
    },
    "localize": {
        "localize.one-container",
        "localize.64-containers",
        "localize.64-containers.of-one",
        "localize.64-containers.copies",
        "unpack.zip",
        "unpack.zip.bsdtar-over-ours",
        "unpack.zip.unzip-over-ours",
        "unpack.tar.gz",
        "unpack.tar.gz.bsdtar-over-ours",
        "unpack.tar.gz.tar-over-ours",
    },
    "engine-data": {
        f"engine-data.{part}{what}"
        for part, other in [
            ("word-count", "bare-loop"),
            ("words", "bare-loop"),
            *((f"table.{keys}-integers", "dictionary") for keys in ("few", "many")),
            *((f"table.{keys}-texts", "dictionary-of-strings") for keys in ("few", "many")),
            *((f"codec.{values}.{way}", "memcpy") for values in ENGINE_VALUES for way in ("read", "write")),
            *((f"sort.{keys}", "array-sort") for keys in ("integers", "texts", "fractions")),
        ]
        for what in ("", f".times-{other}")
    }
    | {f"engine-data.codec.{values}.size" for values in ENGINE_VALUES},
    "staging": {
        f"staging.{server}.{client}.{kind}.{direction}{what}"
        for server, client, directions in (
            ("heddle", "curl", ("up", "down")),
            ("heddle", "curl-one-step", ("up",)),
            ("heddle", "transfers", ("up", "down")),
            ("nginx", "curl", ("up", "down")),
        )
        for kind in ("large", "small")
        for direction in directions
        for what in ("", ".cpu", ".of-nginx")
        if (server, what) != ("nginx", ".of-nginx")
    }
    | {f"staging.{server}.memory.{moment}" for server in ("heddle", "nginx") for moment in ("start", "peak", "end")},
}


def bench(*words):
    program = heddle_program().parent / "HeddleBench"
    environment = os.environ | {"HEDDLE": str(heddle_program())}
    return subprocess.run([program, *words], env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("area", FIGURES)
def test_an_area_prints_all_its_figures_as_json(area):
    run = bench(area, "--tiny", "--json")
    assert run.returncode == 0, run.stderr
    figures = [json.loads(line) for line in run.stdout.splitlines()]
    assert {figure["name"] for figure in figures} == FIGURES[area]
    for figure in figures:
        assert set(figure) == {"name", "value", "unit"} and figure["unit"]
        # Less CPU than a clock's tick is counted as none.
        assert figure["value"] > 0 or figure["name"] == "launch.processes.cpu", figure


def test_a_table_is_for_people_and_an_unknown_area_is_named():
    run = bench("rpc", "--tiny")
    assert run.returncode == 0 and len(run.stdout.splitlines()) == len(FIGURES["rpc"])
    wrong = bench("nothing")
    assert wrong.returncode == 1 and "there is no area nothing; areas: rpc, " in wrong.stderr


def test_every_figure_is_explained():
    page = (ROOT / "Benchmarks" / "README.md").read_text()
    # One row for what is measured of each server by each client.
    assert "`staging.SERVER.CLIENT.KIND.DIRECTION`" in page and "`staging.SERVER.memory.`" in page
    # And one for figures that differ in what a star stands for.
    shapes = re.findall(r"`([a-z-]+\.[a-z0-9.-]*\*[a-z0-9.*-]*)`", page)
    for names in FIGURES.values():
        for name in names:
            known = name.startswith("staging.") or any(
                fnmatch.fnmatchcase(name, shape) or fnmatch.fnmatchcase(name, f"{shape}.*") for shape in shapes
            )
            assert known or f"`{name}`" in page or f"`{name.rsplit('.', 1)[0]}" in page, name


def engine(*words):
    run = subprocess.run([heddle_program().parent / "EngineBench", *map(str, words)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr + run.stdout
    name, seconds, check = run.stdout.split()
    assert float(seconds) >= 0
    return name, check


def test_the_engines_jobs_give_what_plain_python_gives(tmp_path):
    text, records = tmp_path / "text", tmp_path / "records"
    for kind, count, path in (("text", 200_000, text), ("records", 2_000, records)):
        subprocess.run([heddle_program().parent / "EngineBench", "make", kind, str(count), path], check=True)
    words = text.read_text().split()
    assert engine("local[2]", "words", text) == ("words", f"{len(set(words))}/{len(words)}")
    assert engine("bare", text) == ("bare", f"{len(set(words))}/{len(words)}")
    lines = records.read_bytes().splitlines()
    assert len(lines) == 2_000 and {len(line) for line in lines} == {99}
    assert engine("local[2]", "sort", records) == ("sort", "2000")
    engine("local[2]", "sort-to-file", records, tmp_path / "sorted")
    parts = sorted(path for path in (tmp_path / "sorted").iterdir() if path.name.startswith("part-"))
    assert [line for part in parts for line in part.read_bytes().splitlines()] == sorted(lines)
    assert engine("local[2]", "sum", 10_000)[1] == str(sum(range(0, 10_000, 3)))
    assert engine("local[2]", "group", 10_000)[1] == str(max(sum(range(k, 10_000, 1_000)) for k in range(1_000)))
    assert engine("local[2]", "join", 5_000, 500)[1] == str(sum(i + i * 7_919 % 500 * 3 for i in range(5_000)))
    for job in ("kmeans", "tasks", "jobs", "first"):
        assert engine("local[2]", job, 100)[0] == job
