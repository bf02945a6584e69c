import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FsServerDefaults;
import org.apache.hadoop.fs.FsStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.fs.permission.FsPermission;

/** Calls of Hadoop's FileSystem and FileContext that its shell does not make. Prints what came, or the exception's name. */
public class UseFiles {
    interface Call {
        Object call() throws Exception;
    }

    static void print(String name, Call call) {
        String text;
        try {
            text = String.valueOf(call.call());
        } catch (Exception exception) {
            text = exception.getClass().getName();
        }
        System.out.println(name + " " + text);
    }

    public static void main(String[] words) throws Exception {
        Configuration conf = new Configuration();
        FileSystem files = FileSystem.get(conf);
        FileContext context = FileContext.getFileContext(files.getUri(), conf);
        Path folder = new Path(words[0]);
        print("list", () -> {
            int count = 0;
            String last = "";
            RemoteIterator<FileStatus> entries = files.listStatusIterator(folder);
            while (entries.hasNext()) {
                String name = entries.next().getPath().getName();
                if (name.compareTo(last) <= 0) {
                    throw new IllegalStateException(name + " after " + last);
                }
                last = name;
                count++;
            }
            return count;
        });
        Path one = new Path("/use/one");
        Path two = new Path("/use/two");
        for (Path path : new Path[] {one, two}) {
            try (java.io.OutputStream out = files.create(path)) {
                out.write(path.getName().getBytes());
            }
        }
        print("rename", () -> {
            context.rename(one, two);
            return "done";
        });
        print("overwrite", () -> {
            context.rename(one, two, Options.Rename.OVERWRITE);
            return files.exists(one) + " " + new String(files.open(two).readAllBytes());
        });
        print("times", () -> {
            files.setTimes(two, 1234567890123L, -1);
            long before = files.getFileStatus(two).getAccessTime();
            files.setTimes(two, -1, 5);
            FileStatus status = files.getFileStatus(two);
            return status.getModificationTime() + " " + status.getAccessTime() + " " + (before != 5);
        });
        print("access", () -> {
            files.access(two, FsAction.READ);
            return "granted";
        });
        print("none", () -> {
            files.access(new Path("/use/none"), FsAction.READ);
            return "granted";
        });
        print("child", () -> files.createNonRecursive(
                new Path("/use/not/there"), FsPermission.getFileDefault(), EnumSet.of(CreateFlag.CREATE), 4096, (short) 1, 1 << 20, null));
        print("defaults", () -> {
            FsServerDefaults defaults = files.getServerDefaults(two);
            return defaults.getBlockSize() + " " + defaults.getReplication() + " " + defaults.getChecksumType();
        });
        print("trash", () -> files.getTrashRoot(two).toUri().getPath());
        print("room", () -> {
            FsStatus room = files.getStatus();
            return room.getCapacity() > 0 && room.getRemaining() > 0;
        });
    }
}
