import java.util.Collections;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.URL;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.client.api.YarnClientApplication;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;

/** Submits one container with one resource: URI, size, timestamp, command. Prints the application's id and diagnostics. */
public class SubmitResource {
    public static void main(String[] words) throws Exception {
        YarnClient client = YarnClient.createYarnClient();
        client.init(new YarnConfiguration(new Configuration()));
        client.start();
        YarnClientApplication made = client.createApplication();
        var context = made.getApplicationSubmissionContext();
        LocalResource resource = LocalResource.newInstance(
            URL.fromURI(new java.net.URI(words[0])), LocalResourceType.FILE, LocalResourceVisibility.APPLICATION,
            Long.parseLong(words[1]), Long.parseLong(words[2]));
        context.setAMContainerSpec(ContainerLaunchContext.newInstance(
            Collections.singletonMap("resource", resource), Collections.emptyMap(),
            Collections.singletonList(words[3]), null, null, null));
        context.setResource(Resource.newInstance(128, 1));
        context.setMaxAppAttempts(1);
        var id = context.getApplicationId();
        var ends = EnumSet.of(YarnApplicationState.FINISHED, YarnApplicationState.FAILED, YarnApplicationState.KILLED);
        try {
            client.submitApplication(context);
        } catch (YarnException early) {
            // The client asks for the state until it is ACCEPTED, and takes an application that has failed by then for refused.
            if (!ends.contains(client.getApplicationReport(id).getYarnApplicationState())) throw early;
        }
        ApplicationReport report = client.getApplicationReport(id);
        while (!ends.contains(report.getYarnApplicationState())) {
            Thread.sleep(100);
            report = client.getApplicationReport(id);
        }
        System.out.println(id);
        System.out.println(report.getDiagnostics());
        client.stop();
    }
}
