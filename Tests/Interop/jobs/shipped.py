"""Reads what spark-submit shipped: a module (--py-files), a file (--files) and an archive (--archives), on executors."""

import json

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def look(number):
    import shipped_module

    with open("note.txt") as note, open("box/inner/deep.txt") as deep:
        return [number, shipped_module.double(number), note.read(), deep.read()]


found = sorted(spark.sparkContext.parallelize(range(2), 2).map(look).collect())
print("ANSWER " + json.dumps(found))
spark.stop()
