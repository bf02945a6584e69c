"""Writes tables to the folder that the first word names, or reads them, as the other words say.

Every way in which a job's output takes its place: new, appended, in place of an old one, in parts by a column, with both
versions of Hadoop's commit protocol, refused since there is one, and given up since a task fails.
"""

import json
import sys

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
folder, steps = sys.argv[1], sys.argv[2:]
SECOND = {"mapreduce.fileoutputcommitter.algorithm.version": "2"}


def rows(first, last):
    name = "concat('row ', id, ', \"ä\"') AS name"
    return spark.range(first, last, numPartitions=3).selectExpr("id", "id % 7 AS rest", name)


def write():
    rows(0, 50).write.parquet(f"{folder}/parquet")
    rows(0, 3000).write.mode("overwrite").partitionBy("rest").parquet(f"{folder}/parquet")
    rows(3000, 4000).write.mode("append").partitionBy("rest").parquet(f"{folder}/parquet")
    rows(0, 10).write.options(**SECOND).csv(f"{folder}/csv", header=True)
    rows(0, 2000).write.options(**SECOND).mode("overwrite").csv(f"{folder}/csv", header=True)
    for first in (0, 1000):
        rows(first, first + 1000).select("name").write.mode("append").text(f"{folder}/text")
    try:
        rows(0, 1).write.parquet(f"{folder}/parquet")
        raise SystemExit("an existing table was written to")
    except AnalysisException as refusal:
        assert "already exists" in str(refusal), refusal
    try:
        rows(0, 100).selectExpr("if(id = 99, raise_error('no'), id) AS id").write.mode("append").parquet(f"{folder}/failed")
        raise SystemExit("a failing task wrote a table")
    except Exception as failure:
        assert "no" in str(failure), failure


def read():
    parquet, table = spark.read.parquet(f"{folder}/parquet"), spark.read.csv(f"{folder}/csv", header=True, inferSchema=True)
    text = spark.read.text(f"{folder}/text")
    return [
        [list(row) for row in parquet.groupBy("rest").agg({"id": "sum", "name": "max"}).orderBy("rest").collect()],
        parquet.where("rest = 3 AND id > 3900").orderBy("id").toJSON().collect(),
        [list(row) for row in table.selectExpr("count(*)", "sum(id)", "max(name)").collect()],
        [list(row) for row in text.selectExpr("count(*)", "min(value)", "max(value)").collect()],
    ]


if "write" in steps:
    write()
if "read" in steps:
    print("ANSWER " + json.dumps(read()))
spark.stop()
