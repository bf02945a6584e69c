"""A job that fails, with a text that must be found again."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sparkContext.parallelize(range(2), 2).count()
print("the tank is empty", file=sys.stderr)
raise SystemExit(int(sys.argv[1]))
