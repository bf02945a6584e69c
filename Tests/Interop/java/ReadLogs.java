import java.util.HashSet;
import java.util.Set;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.logaggregation.ContainerLogsRequest;
import org.apache.hadoop.yarn.logaggregation.LogCLIHelpers;

/**
 * What Hadoop's own reader of aggregated logs prints: "logs", "table", "nodes" or "containers", then application, owner,
 * container or "-" for all, how many bytes or "-" for all, and the names of logs or none for all.
 */
public class ReadLogs {
    public static void main(String[] words) throws Exception {
        LogCLIHelpers reader = new LogCLIHelpers();
        reader.setConf(new YarnConfiguration());
        ContainerLogsRequest request = new ContainerLogsRequest();
        request.setAppId(ApplicationId.fromString(words[1]));
        request.setAppOwner(words[2]);
        if (!words[3].equals("-")) {
            request.setContainerId(words[3]);
        }
        request.setBytes(words[4].equals("-") ? Long.MAX_VALUE : Long.parseLong(words[4]));
        request.setAppFinished(true);
        Set<String> names = new HashSet<>();
        for (int index = 5; index < words.length; index++) {
            names.add(words[index]);
        }
        request.setLogTypes(names);
        switch (words[0]) {
            case "table":
                System.exit(reader.printAContainerLogMetadata(request, System.out, System.err));
            case "nodes":
                reader.printNodesList(request, System.out, System.err);
                System.exit(0);
            case "containers":
                reader.printContainersList(request, System.out, System.err);
                System.exit(0);
            default:
                System.exit(words[3].equals("-")
                        ? reader.dumpAllContainersLogs(request)
                        : reader.dumpAContainerLogsForLogTypeWithoutNodeId(request));
        }
    }
}
