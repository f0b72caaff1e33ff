// Uploads a file, resumes after lost connections, waits until the video is processed, and prints the transcript.
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;

public class Upload {
  static final String SERVER = System.getenv().getOrDefault("LONGTAKE_URL", "http://127.0.0.1:3000");
  static final String KEY = System.getenv("LONGTAKE_KEY");
  static final int CHUNK_BYTES = 8 * 1024 * 1024;
  static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Returns null if the connection was lost or the server is busy. */
  static HttpResponse<String> request(String method, String path, byte[] body, String... headers) throws InterruptedException {
    var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body);
    var call = HttpRequest.newBuilder(URI.create(SERVER + path)).method(method, publisher).header("Tus-Resumable", "1.0.0");
    if (KEY != null) call.header("Authorization", "Bearer " + KEY);
    if (headers.length > 0) call.headers(headers);
    try {
      var response = CLIENT.send(call.build(), HttpResponse.BodyHandlers.ofString());
      int status = response.statusCode();
      if (status < 300) return response;
      if (status < 500 && !List.of(409, 423, 429).contains(status)) throw new IllegalStateException(status + " " + response.body());
      return null;
    } catch (IOException lostConnection) {
      return null;
    }
  }

  static String upload(Path path) throws IOException, InterruptedException {
    long size = Files.size(path);
    var name = Base64.getEncoder().encodeToString(path.getFileName().toString().getBytes(StandardCharsets.UTF_8));
    var created = request("POST", "/uploads", null, "Upload-Length", "" + size, "Upload-Metadata", "filename " + name);
    if (created == null) throw new IOException("The server cannot be reached.");
    var location = created.headers().firstValue("Location").orElseThrow();
    var id = location.substring(location.lastIndexOf('/') + 1);
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      while (true) {
        var state = request("HEAD", "/uploads/" + id, null);
        if (state != null) {
          long offset = state.headers().firstValueAsLong("Upload-Offset").orElseThrow();
          if (offset == size) return id;
          var chunk = new byte[(int) Math.min(CHUNK_BYTES, size - offset)];
          file.seek(offset);
          file.readFully(chunk);
          var sent = request("PATCH", "/uploads/" + id, chunk, "Upload-Offset", "" + offset, "Content-Type", "application/offset+octet-stream");
          if (sent != null) continue;
        }
        Thread.sleep(1000);
      }
    }
  }

  public static void main(String[] args) throws Exception {
    var id = upload(Path.of(args[0]));
    while (true) {
      var video = request("GET", "/videos/" + id, null);
      if (video != null && !video.body().contains("\"status\":\"processing\"")) break;
      Thread.sleep(1000);
    }
    System.out.println(request("GET", "/videos/" + id + "/transcript.txt", null).body());
  }
}
