"""Takes more memory than an executor's container has, in the Python worker beside the JVM."""

import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def eat(_):
    eaten = bytearray(900 * 1024 * 1024)
    time.sleep(60)
    return len(eaten)


spark.sparkContext.parallelize(range(1), 1).map(eat).collect()
