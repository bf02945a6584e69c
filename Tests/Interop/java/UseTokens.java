import java.net.URI;
import java.security.PrivilegedExceptionAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.Credentials;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.token.Token;
import org.apache.hadoop.security.token.TokenIdentifier;

/**
 * Delegation tokens with Hadoop's own client. `get FS RENEWER FILE` puts a token into a credentials file; `renew FILE` and
 * `cancel FILE` do that with each token of one; `list FS FOLDER FILE` lists a folder with them and nothing else, as a user
 * whom nobody knows; `proxy FS FOLDER USER` lists it on another user's behalf. Prints what came, or the exception.
 */
public class UseTokens {
    public static void main(String[] words) throws Exception {
        Configuration conf = new Configuration();
        try {
            switch (words[0]) {
                case "get": get(conf, words[1], words[2], words[3]); break;
                case "renew":
                    for (Token<?> token : read(conf, words[1]).getAllTokens()) {
                        System.out.println("until " + token.renew(conf));
                    }
                    break;
                case "cancel":
                    for (Token<?> token : read(conf, words[1]).getAllTokens()) {
                        token.cancel(conf);
                        System.out.println("cancelled");
                    }
                    break;
                case "list":
                    UserGroupInformation nobody = UserGroupInformation.createRemoteUser("nobody-known");
                    nobody.addCredentials(read(conf, words[3]));
                    list(nobody, conf, words[1], words[2]);
                    break;
                default:
                    UserGroupInformation real = UserGroupInformation.getCurrentUser();
                    list(UserGroupInformation.createProxyUser(words[3], real), conf, words[1], words[2]);
            }
        } catch (Exception refused) {
            System.out.println("refused " + refused.getClass().getName() + ": " + refused.getMessage());
        }
    }

    private static void get(Configuration conf, String address, String renewer, String file) throws Exception {
        Credentials credentials = new Credentials();
        FileSystem files = FileSystem.get(new URI(address), conf);
        for (Token<?> token : files.addDelegationTokens(renewer, credentials)) {
            System.out.println(token.getKind() + " for " + token.getService());
            TokenIdentifier identifier = token.decodeIdentifier();
            System.out.println("owner " + (identifier == null ? "unknown" : identifier.getUser().getShortUserName()));
        }
        credentials.writeTokenStorageFile(new Path("file://" + file), conf);
    }

    private static Credentials read(Configuration conf, String file) throws Exception {
        return Credentials.readTokenStorageFile(new Path("file://" + file), conf);
    }

    private static void list(UserGroupInformation user, Configuration conf, String address, String folder) throws Exception {
        user.doAs((PrivilegedExceptionAction<Void>) () -> {
            for (FileStatus status : FileSystem.get(new URI(address), conf).listStatus(new Path(folder))) {
                System.out.println(status.getOwner() + " " + status.getPath().getName());
            }
            return null;
        });
    }
}
