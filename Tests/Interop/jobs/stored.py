"""Writes a table as Parquet and lines of text to the folder that the first word names, and reads both back."""

import json
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
folder = sys.argv[1]
spark.range(0, 10_000, numPartitions=4).selectExpr("id", "id % 7 AS rest").write.mode("overwrite").parquet(f"{folder}/table")
spark.sparkContext.parallelize(range(1000), 3).saveAsTextFile(f"{folder}/lines")
table = spark.read.parquet(f"{folder}/table")
answer = [table.count(), table.groupBy("rest").count().count(), spark.sparkContext.textFile(f"{folder}/lines", 4).count()]
print("ANSWER " + json.dumps(answer))
spark.stop()
