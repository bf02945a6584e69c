import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.ApplicationAccessType;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.logaggregation.AggregatedLogFormat;
import org.apache.hadoop.yarn.logaggregation.filecontroller.LogAggregationFileController;
import org.apache.hadoop.yarn.logaggregation.filecontroller.LogAggregationFileControllerContext;
import org.apache.hadoop.yarn.logaggregation.filecontroller.LogAggregationFileControllerFactory;

/**
 * Aggregates logs as Hadoop's NodeManager does, with the file controller that the configuration names: application, owner,
 * node, who may view, log folders (by commas), and the containers in their order.
 */
public class WriteLogs {
    public static void main(String[] words) throws Exception {
        YarnConfiguration configuration = new YarnConfiguration();
        ApplicationId application = ApplicationId.fromString(words[0]);
        UserGroupInformation owner = UserGroupInformation.createRemoteUser(words[1]);
        NodeId node = NodeId.fromString(words[2]);
        Map<ApplicationAccessType, String> access = new HashMap<>();
        access.put(ApplicationAccessType.VIEW_APP, words[3]);
        access.put(ApplicationAccessType.MODIFY_APP, "");
        List<String> folders = Arrays.asList(words[4].split(","));

        LogAggregationFileController controller =
                new LogAggregationFileControllerFactory(configuration).getFileControllerForWrite();
        controller.verifyAndCreateRemoteLogDir();
        controller.createAppDir(words[1], application, owner);
        Path file = controller.getRemoteNodeLogFileForApp(application, words[1], node);
        LogAggregationFileControllerContext context = new LogAggregationFileControllerContext(
                file, file.suffix(".tmp"), false, -1, application, access, node, owner);
        controller.initializeWriter(context);
        for (String word : Arrays.asList(words).subList(5, words.length)) {
            ContainerId container = ContainerId.fromString(word);
            controller.write(
                    new AggregatedLogFormat.LogKey(container),
                    new AggregatedLogFormat.LogValue(folders, container, words[1]));
        }
        context.setUploadedLogsInThisCycle(true);
        context.setLogUploadTimeStamp(System.currentTimeMillis());
        controller.postWrite(context);
        controller.closeWriter();
        System.out.println(file);
    }
}
