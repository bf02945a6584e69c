"""Groups the flights table: a read, a cached DataFrame, a shuffle, and a join of two aggregates."""

import json
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

spark = SparkSession.builder.getOrCreate()
flights = spark.read.csv("file://" + sys.argv[1], header=True, inferSchema=True, nullValue="NA").repartition(4).cache()
rows = flights.count()
delays = flights.groupBy("origin").agg(f.count("*").alias("flights"), f.round(f.avg("dep_delay"), 6).alias("delay"))
carriers = flights.groupBy("origin", "carrier").count().groupBy("origin").agg(f.max("count").alias("most"))
table = delays.join(carriers, "origin").orderBy("origin").collect()
print("ANSWER " + json.dumps({"rows": rows, "table": [[r.origin, r.flights, r.delay, r.most] for r in table]}))
spark.stop()
