"""What reaches executors that share no disk with the client: an interpreter with its packages (--archives), a module
(--py-files), a file (--files) and a class in a jar (--jars)."""

import json
import os
import sys

from pyspark.sql import SparkSession
from pyspark.sql.types import IntegerType

spark = SparkSession.builder.getOrCreate()


def place(path):
    """A path as it is below the container's folder, whatever that is called."""
    return os.path.relpath(path, os.getcwd())


def look(number):
    import shipped_module
    import six

    with open("note.txt") as note:
        seen = [note.read(), place(sys.executable), place(os.path.dirname(six.__file__)), six.__version__]
    return [number, shipped_module.double(number), *seen], os.environ["NM_HOST"]


# Two tasks that wait for each other, so that both executors get one.
together = spark.sparkContext.parallelize(range(2), 2).barrier()
found = together.mapPartitions(lambda rows: [look(row) for row in rows]).collect()
spark.udf.registerJavaFunction("twice", "Twice", IntegerType())
twice = [row[0] for row in spark.range(0, 4, numPartitions=2).selectExpr("twice(cast(id AS int))").collect()]
answer = {
    "seen": sorted(seen for seen, _ in found),
    "hosts": sorted(host for _, host in found),
    "twice": sorted(twice),
    "called": spark._jvm.Twice.of(21),
}
print("ANSWER " + json.dumps(answer))
spark.stop()
