"""Counts points of a fixed grid inside a circle: the smallest job with an answer."""

import json
import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
parts, side = int(sys.argv[1]), 200


def inside(row):
    return sum(1 for column in range(side) if (row / side) ** 2 + (column / side) ** 2 <= 1)


print("ANSWER " + json.dumps(spark.sparkContext.parallelize(range(side), parts).map(inside).sum()))
spark.stop()
