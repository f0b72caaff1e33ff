import io.tus.java.client.ProtocolException;
import io.tus.java.client.TusClient;
import io.tus.java.client.TusExecutor;
import io.tus.java.client.TusURLMemoryStore;
import io.tus.java.client.TusUpload;
import io.tus.java.client.TusUploader;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.util.Map;

/** Uploads a file with tus-java-client, as the README says: java -cp JAR JavaResume.java ENDPOINT FILE. Prints the upload's URL. */
public class JavaResume {
  public static void main(String[] args) throws Exception {
    TusClient client = new TusClient();
    client.setUploadCreationURL(new URL(args[0]));
    client.enableResuming(new TusURLMemoryStore());
    TusUpload upload = new TusUpload(new File(args[1]));
    upload.setMetadata(Map.of("filename", "holiday.mp4", "title", "Holiday"));
    new TusExecutor() {
      @Override
      protected void makeAttempt() throws ProtocolException, IOException {
        TusUploader uploader = client.resumeOrCreateUpload(upload);
        uploader.setChunkSize(256 * 1024);
        while (uploader.uploadChunk() > -1) {}
        uploader.finish();
        System.out.println(uploader.getUploadURL());
      }
    }.makeAttempts();
  }
}
