"""Counts the flights of a CSV file by origin and by carrier: an ordinary Spark job, told nothing of the cluster."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

spark = SparkSession.builder.getOrCreate()
flights = spark.read.csv("file://" + sys.argv[1], header=True, inferSchema=True, nullValue="NA").repartition(4).cache()

print(f"flights: {flights.count()}")
by_origin = flights.groupBy("origin").agg(f.count("*").alias("flights"), f.round(f.avg("dep_delay"), 2).alias("delay"))
for row in by_origin.orderBy("origin").collect():
    print(f"origin {row.origin}: {row.flights} flights, {row.delay} minutes late on average")
for row in flights.groupBy("carrier").count().orderBy(f.desc("count"), "carrier").limit(3).collect():
    print(f"carrier {row.carrier}: {row['count']} flights")
spark.stop()
