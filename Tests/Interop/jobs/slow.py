"""A job long enough to break something under it: sums numbers in stages of small slow tasks.

Arguments: how many rounds at most, how many seconds a task takes, and a file: once it is there, no further round begins.
Prints each round that is done, and at the end the sum of all.
"""

import json
import os
import sys
import time

from pyspark.sql import SparkSession

rounds, pause = int(sys.argv[1]), float(sys.argv[2])
enough = sys.argv[3] if len(sys.argv) > 3 else None
spark = SparkSession.builder.getOrCreate()
print("attempt", os.environ.get("CONTAINER_ID"), flush=True)


def work(number):
    time.sleep(pause)
    return number % 7, number


total = 0
for done in range(rounds):
    pairs = spark.sparkContext.parallelize(range(40), 8).map(work).reduceByKey(lambda a, b: a + b).collect()
    total += sum(value for _, value in pairs)
    print("round", done, flush=True)
    if enough and os.path.exists(enough):
        break
print("ANSWER " + json.dumps(total))
spark.stop()
