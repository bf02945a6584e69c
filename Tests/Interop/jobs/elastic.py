"""Watches dynamic allocation: how many executors there are under load and after it."""

import json
import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
context = spark.sparkContext


def executors():
    return context._jsc.sc().getExecutorMemoryStatus().size() - 1


def work(number):
    time.sleep(0.5)
    return number % 3, 1


counted = dict(context.parallelize(range(40), 40).map(work).reduceByKey(lambda a, b: a + b).collect())
most = executors()
deadline = time.monotonic() + 40
while executors() > 1 and time.monotonic() < deadline:
    time.sleep(0.2)
print("ANSWER " + json.dumps({"counted": {str(k): v for k, v in sorted(counted.items())}, "most": most, "least": executors()}))
spark.stop()
