import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Sums the numbers up to 100,000 by what they leave when divided by three, over a shuffle; TaskManagers print the sums. */
public class FlinkSums {
    public static void main(String[] arguments) throws Exception {
        var environment = StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setRuntimeMode(RuntimeExecutionMode.BATCH);
        environment.fromSequence(1, 100_000)
            .map(n -> Tuple2.of(n % 3, n)).returns(Types.TUPLE(Types.LONG, Types.LONG))
            .keyBy(pair -> pair.f0)
            .reduce((a, b) -> Tuple2.of(a.f0, a.f1 + b.f1))
            .map(pair -> "SUM " + pair.f0 + " " + pair.f1).returns(Types.STRING)
            .print();
        environment.execute("sums");
    }
}
