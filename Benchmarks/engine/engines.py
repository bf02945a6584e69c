"""The jobs of EngineBench in other engines, two threads each: engines.py ENGINE JOB [ARGUMENTS] prints `JOB SECONDS CHECK`."""

import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "2"
# No line has this byte: each is one column.
NO_BYTE = "\x01"


class SQL:
    """What the engines that speak SQL have in common. `numbers` is a table with a column i, `lines` one with a column line."""

    split = None

    def words(self, path):
        words = f"SELECT unnest({self.split}(line, ' ')) AS word FROM {self.lines(path)}"
        counts = f"SELECT word, count(*) AS n FROM ({words}) WHERE word <> '' GROUP BY word"
        return "{}/{}".format(*self.one(f"SELECT count(*), sum(n) FROM ({counts})"))

    def sum(self, count):
        return self.one(f"SELECT sum(i) FROM {self.numbers(count)} WHERE i % 3 = 0")[0]

    def group(self, count):
        sums = f"SELECT i % 1000 AS k, sum(i) AS s FROM {self.numbers(count)} GROUP BY i % 1000"
        return self.one(f"SELECT max(s) FROM ({sums})")[0]

    def join(self, left, right):
        lefts = f"SELECT (i * 7919) % {right} AS k, i AS a FROM {self.numbers(left)}"
        rights = f"SELECT i AS k, i * 3 AS b FROM {self.numbers(right)}"
        return self.one(f"SELECT sum(a + b) FROM ({lefts}) l JOIN ({rights}) r ON l.k = r.k")[0]


class DuckDB(SQL):
    split = "string_split"

    def __init__(self):
        import duckdb

        self.connection = duckdb.connect()
        self.connection.execute("SET threads = 2")
        self.connection.execute("SET preserve_insertion_order = false")

    def one(self, query):
        return self.connection.execute(query).fetchone()

    @staticmethod
    def numbers(count):
        return f"range({count}) t(i)"

    @staticmethod
    def lines(path):
        return (
            f"read_csv('{path}', columns={{'line': 'VARCHAR'}}, delim='{NO_BYTE}', quote='', escape='', header=false,"
            " auto_detect=false)"
        )

    def sort(self, path):
        self.connection.execute("SET preserve_insertion_order = true")
        self.connection.execute(f"CREATE TABLE sorted AS SELECT line FROM {self.lines(path)} ORDER BY line")
        return self.one("SELECT count(*) FROM sorted")[0]


class Polars:
    def __init__(self):
        import polars

        self.pl = polars

    def lines(self, path):
        return self.pl.scan_csv(path, has_header=False, new_columns=["line"], separator=NO_BYTE, quote_char=None)

    def words(self, path):
        pl = self.pl
        words = self.lines(path).select(pl.col("line").str.split(" ").explode().alias("word"))
        counts = words.filter(pl.col("word") != "").group_by("word").len()
        row = counts.select(pl.len().alias("n"), pl.col("len").sum()).collect(engine="streaming").row(0)
        return f"{row[0]}/{row[1]}"

    def sort(self, path):
        return self.lines(path).sort("line").collect(engine="streaming").height

    def numbers(self, count):
        return self.pl.select(self.pl.int_range(0, count).alias("i")).lazy()

    def sum(self, count):
        pl = self.pl
        return self.numbers(count).filter(pl.col("i") % 3 == 0).select(pl.col("i").sum()).collect(engine="streaming").item()

    def group(self, count):
        pl = self.pl
        sums = self.numbers(count).group_by((pl.col("i") % 1000).alias("k")).agg(pl.col("i").sum())
        return sums.select(pl.col("i").max()).collect(engine="streaming").item()

    def join(self, left, right):
        pl = self.pl
        lefts = self.numbers(left).select((pl.col("i") * 7919 % right).alias("k"), pl.col("i").alias("a"))
        rights = self.numbers(right).select(pl.col("i").alias("k"), (pl.col("i") * 3).alias("b"))
        return lefts.join(rights, on="k").select((pl.col("a") + pl.col("b")).sum()).collect(engine="streaming").item()


class DataFusion(SQL):
    split = "string_to_array"

    def __init__(self):
        from datafusion import SessionConfig, SessionContext

        self.context = SessionContext(SessionConfig().with_target_partitions(2))

    def one(self, query):
        rows = self.context.sql(query).collect()
        return tuple(column[0].as_py() for column in next(batch for batch in rows if batch.num_rows).columns)

    @staticmethod
    def numbers(count):
        return f"(SELECT value AS i FROM range(0, {count}))"

    def lines(self, path):
        import pyarrow

        schema = pyarrow.schema([("line", pyarrow.string())])
        self.context.register_csv(
            "lines", path, schema=schema, has_header=False, delimiter=NO_BYTE, file_extension=os.path.splitext(path)[1]
        )
        return "lines"

    def sort(self, path):
        query = f"SELECT line FROM {self.lines(path)} ORDER BY line"
        return sum(batch.num_rows for batch in self.context.sql(query).collect())


ENGINES = {"duckdb": DuckDB, "polars": Polars, "datafusion": DataFusion}

if __name__ == "__main__":
    engine, job = ENGINES[sys.argv[1]](), sys.argv[2]
    arguments = [int(word) if word.isdigit() else word for word in sys.argv[3:]]
    begin = time.monotonic()
    check = getattr(engine, job)(*arguments)
    print(job, f"{time.monotonic() - begin:.4f}", check)
