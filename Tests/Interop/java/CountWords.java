import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.Tuple2;

/** Counts words: a shuffle without Python. */
public final class CountWords {
    public static void main(String[] words) {
        SparkSession spark = SparkSession.builder().getOrCreate();
        JavaSparkContext context = new JavaSparkContext(spark.sparkContext());
        long distinct = context.parallelize(Arrays.asList(words), 4)
            .mapToPair(word -> new Tuple2<>(word, 1))
            .reduceByKey(Integer::sum)
            .count();
        System.out.println("ANSWER " + distinct);
        spark.stop();
    }
}
