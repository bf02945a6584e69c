import org.apache.spark.sql.api.java.UDF1;

/** A function that only its jar brings: called in SQL on executors, and by Python in the driver. */
public final class Twice implements UDF1<Integer, Integer> {
    @Override
    public Integer call(Integer number) {
        return of(number);
    }

    public static int of(int number) {
        return 2 * number;
    }
}
