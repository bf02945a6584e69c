import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.logaggregation.ContainerLogsRequest;
import org.apache.hadoop.yarn.logaggregation.LogCLIHelpers;

/** What Hadoop's own reader of aggregated logs prints: application, owner, and the names of logs or none for all. */
public class ReadLogs {
    public static void main(String[] words) throws Exception {
        LogCLIHelpers reader = new LogCLIHelpers();
        reader.setConf(new YarnConfiguration());
        ContainerLogsRequest request = new ContainerLogsRequest();
        request.setAppId(ApplicationId.fromString(words[0]));
        request.setAppOwner(words[1]);
        request.setBytes(Long.MAX_VALUE);
        request.setAppFinished(true);
        Set<String> names = new HashSet<>();
        for (int index = 2; index < words.length; index++) {
            names.add(words[index]);
        }
        request.setLogTypes(names);
        System.exit(reader.dumpAllContainersLogs(request));
    }
}
