package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Servers that aren't there, say nothing, or go away. */
@Timeout(60)
class ConnectionTest {
  /** An HTTP/2 SETTINGS frame without settings: with it a connection is ready. */
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  @TempDir private Path folder;

  private String err = "";

  @ParameterizedTest
  @ValueSource(strings = {"list", "scan crm x", "verify crm"})
  void command_onAPortThatTakesConnectionsAndSaysNothing_givesUp(String words) throws IOException {
    try (ServerSocket silent = listen()) {
      assertThat(run(silent.getLocalPort(), words + " --timeout 300ms"))
          .isEqualTo(ExitCode.UNAVAILABLE);
    }
    assertThat(err)
        .startsWith("slipway: no server answers at 127.0.0.1:")
        .contains("nothing was said within 0.3 s")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"list", "count crm x", "log crm", "status"})
  void command_onAServerThatNeverAnswers_givesUpAfterItsTimeout(String words) throws IOException {
    try (ServerSocket mute = listen()) {
      CompletableFuture<Void> greeted = CompletableFuture.runAsync(() -> greet(mute, -1));
      assertThat(run(mute.getLocalPort(), words + " --timeout 500ms"))
          .isEqualTo(ExitCode.UNAVAILABLE);
      greeted.join();
    }
    assertThat(err)
        .isEqualTo(
            "slipway: the server at %s didn't answer within 0.5 s; --timeout says how long to wait\n"
                .formatted(address(err)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan crm x", "list"})
  void command_whoseServerGoesAway_saysThatTheConnectionBroke(String words) throws IOException {
    try (ServerSocket leaving = listen()) {
      // The preface and the client's settings, then the call.
      CompletableFuture<Void> left = CompletableFuture.runAsync(() -> greet(leaving, 100));
      assertThat(run(leaving.getLocalPort(), words + " --timeout 10s"))
          .isEqualTo(ExitCode.UNAVAILABLE);
      left.join();
    }
    assertThat(err)
        .startsWith("slipway: the connection to 127.0.0.1:")
        .contains("broke before the answer was whole")
        .doesNotContain("slipway serve", "io exception")
        .hasLineCount(1);
  }

  @Test
  void command_withoutAServer_saysSoInPlainWords() {
    run(1, "list");
    assertThat(err)
        .isEqualTo(
            "slipway: no server answers at 127.0.0.1:1: the connection was refused; start one with"
                + " 'slipway serve', or say where it is with --server\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.1:abc", "127.0.0.1:65536", ":7411", "a:b:1", ""})
  void server_thatIsNoHostAndPort_isAUsageError(String server) {
    assertThat(execute("list", "--server", server)).isEqualTo(ExitCode.USAGE);
    assertThat(err).isEqualTo("slipway: --server: expected HOST:PORT, found '" + server + "'\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan crm x", "count crm x", "list crm"})
  void read_ofARevisionToCome_namesTheNewestWithinSeconds(String words) throws IOException {
    Path file = Files.writeString(folder.resolve("x.csv"), "id\n1\n");
    try (SlipwayServer server =
        SlipwayServer.start(
            SlipwayConfig.of(Map.of("server.port", "0", "storage.kind", "memory")))) {
      run(server.port(), "load crm x=" + file);

      CompletableFuture<Integer> ran =
          CompletableFuture.supplyAsync(() -> run(server.port(), words + " --revision 999"));

      assertThat(ran).succeedsWithin(20, TimeUnit.SECONDS).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(err)
          .isEqualTo(
              "slipway: REVISION_NOT_REACHED: revision 999 isn't reached yet, the newest is 2\n");
    }
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  /**
   * Greets one client, reads on until it has so many bytes, and leaves; with -1 the client does.
   */
  private static void greet(ServerSocket socket, int bytes) {
    try (Socket client = socket.accept()) {
      client.getOutputStream().write(SETTINGS);
      client.getOutputStream().flush();
      InputStream said = client.getInputStream();
      for (int i = 0; i != bytes && said.read() >= 0; i++) {}
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String address(String line) {
    return line.replaceAll("(?s).*(127\\.0\\.0\\.1:[0-9]+).*", "$1");
  }

  private int run(int port, String words) {
    return execute(
        ShellSnippets.words(words + " --server 127.0.0.1:" + port).toArray(new String[0]));
  }

  private int execute(String... words) {
    StringWriter complained = new StringWriter();
    CommandLine line = SlipwayCommand.commandLine();
    line.setOut(new PrintWriter(new StringWriter(), true));
    line.setErr(new PrintWriter(complained, true));
    int code = line.execute(words);
    err = complained.toString();
    return code;
  }
}
