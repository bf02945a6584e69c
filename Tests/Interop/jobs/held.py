"""Sums numbers in one job, then waits for the file that the first word names, and sums them again."""

import json
import os
import sys
import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def total():
    rests = spark.sparkContext.parallelize(range(100), 4).map(lambda number: (number % 3, number))
    return rests.reduceByKey(lambda a, b: a + b).values().sum()


first = total()
print("round 0", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.1)
print("ANSWER " + json.dumps([first, total()]))
spark.stop()
