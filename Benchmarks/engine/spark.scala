// The jobs of EngineBench in Spark, for spark-shell: the job and its arguments stand in HEDDLE_BENCH_JOB, with "rdd-" before it for
// the RDD way. Prints `JOB SECONDS CHECK`.
import org.apache.spark.sql.functions._

val words = sys.env("HEDDLE_BENCH_JOB").split(" ")
val (job, args) = (words.head, words.tail)
def number(index: Int) = args(index).toLong

def wordsRDD() = {
  val counts = sc.textFile(args(0)).flatMap(_.split(" ")).filter(_.nonEmpty).map((_, 1L)).reduceByKey(_ + _)
  val all = counts.aggregate((0L, 0L))((sum, pair) => (sum._1 + 1, sum._2 + pair._2), (a, b) => (a._1 + b._1, a._2 + b._2))
  s"${all._1}/${all._2}"
}

def wordsFrame() = {
  val all = spark.read.text(args(0)).select(explode(split(col("value"), " ")).as("word")).filter("word <> ''")
    .groupBy("word").count().agg(count("*"), sum("count")).first()
  s"${all.getLong(0)}/${all.getLong(1)}"
}

def sortRDD() = sc.textFile(args(0)).sortBy(identity).count()

def sortFrame() = {
  spark.read.text(args(0)).sort("value").write.format("noop").mode("overwrite").save()
  "sorted"
}

def sumRDD() = sc.range(0, number(0)).filter(_ % 3 == 0).sum().toLong
def sumFrame() = spark.range(number(0)).filter("id % 3 = 0").agg(sum("id")).first().getLong(0)

def groupRDD() = sc.range(0, number(0)).map(i => (i % 1000, i)).reduceByKey(_ + _).values.max()
def groupFrame() = spark.range(number(0)).groupBy(expr("id % 1000")).agg(sum("id").as("s")).agg(max("s")).first().getLong(0)

def joinRDD() = {
  val right = number(1)
  val lefts = sc.range(0, number(0)).map(i => (i * 7919 % right, i))
  val rights = sc.range(0, right).map(i => (i, i * 3))
  lefts.join(rights).map { case (_, (a, b)) => BigInt(a + b) }.reduce(_ + _)
}

def joinFrame() = {
  val lefts = spark.range(number(0)).selectExpr(s"id * 7919 % ${args(1)} AS k", "id AS a")
  val rights = spark.range(number(1)).selectExpr("id AS k", "id * 3 AS b")
  lefts.join(rights, "k").agg(sum(expr("a + b"))).first().getLong(0)
}

def point(number: Long): Array[Double] = {
  var state = number * 0x9E3779B97F4A7C15L + 1
  Array.tabulate(8) { _ =>
    state = state * 6364136223846793005L + 1442695040888963407L
    (state >>> 40).toDouble / (1 << 24) + (number % 10)
  }
}

def nearest(point: Array[Double], centers: Array[Array[Double]]): Int = {
  var best = 0
  var least = Double.PositiveInfinity
  for (index <- centers.indices) {
    var distance = 0.0
    var i = 0
    while (i < 8) { val d = point(i) - centers(index)(i); distance += d * d; i += 1 }
    if (distance < least) { best = index; least = distance }
  }
  best
}

def kmeansRDD() = {
  val points = sc.range(0, number(0)).map(point).cache()
  val centers = Array.tabulate(10)(i => point(i * 7))
  for (_ <- 0 until 10) {
    val sent = centers.map(_.clone)
    val sums = points.map(p => (nearest(p, sent), (p, 1L)))
      .reduceByKey((a, b) => (a._1.zip(b._1).map { case (x, y) => x + y }, a._2 + b._2)).collect()
    for ((index, (sum, count)) <- sums) centers(index) = sum.map(_ / count)
  }
  f"${centers.map(_.sum).sum}%.6f"
}

def tasks(count: Int) = { sc.range(0, count, 1, count).foreach(_ => ()); count }

val run: Map[String, () => Any] = Map(
  "rdd-words" -> wordsRDD _, "words" -> wordsFrame _, "rdd-sort" -> sortRDD _, "sort" -> sortFrame _, "rdd-sum" -> sumRDD _,
  "sum" -> sumFrame _, "rdd-group" -> groupRDD _, "group" -> groupFrame _, "rdd-join" -> joinRDD _, "join" -> joinFrame _,
  "rdd-kmeans" -> kmeansRDD _, "rdd-tasks" -> (() => tasks(number(0).toInt)),
  "rdd-jobs" -> (() => { for (_ <- 0 until number(0).toInt) tasks(1); number(0) })
)
// What is compiled and started with the first job is not the job's.
tasks(2)
val begin = System.nanoTime
val check = run(job)()
println(s"RESULT ${job.stripPrefix("rdd-")} ${(System.nanoTime - begin) / 1e9} $check")
System.exit(0)
