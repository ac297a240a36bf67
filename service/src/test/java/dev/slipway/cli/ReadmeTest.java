package dev.slipway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README tells to type works, as it is written there. */
class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");
  private static final String ADDRESS = "localhost:7411";

  @TempDir private Path folder;

  @Test
  void grpcurlLines_sentByReflection_createStageCommitAndScan() throws Exception {
    try (SlipwayServer server = serve()) {
      ManagedChannel channel =
          Grpc.newChannelBuilder("127.0.0.1:" + server.port(), InsecureChannelCredentials.create())
              .build();
      try {
        ReflectionClient client = new ReflectionClient(channel);
        List<String> answers = new ArrayList<>();
        for (String line : lines()) {
          List<String> words = ShellSnippets.words(line);
          assertThat(words).as(line).hasSize(6).startsWith("grpcurl", "-plaintext", "-d");
          assertThat(words.get(4)).isEqualTo(ADDRESS);
          answers.add(String.join("\n", client.call(words.get(5), words.get(3))));
        }
        assertAnswers(answers);
      } finally {
        channel.shutdownNow();
      }
    }
  }

  @Test
  void grpcurlLines_typedInAShell_createStageCommitAndScan() throws Exception {
    Optional<Path> grpcurl = grpcurl();
    assumeTrue(grpcurl.isPresent(), "no grpcurl: .ci/run builds it where Go is installed");
    try (SlipwayServer server = serve()) {
      List<String> answers = new ArrayList<>();
      for (String line : lines()) {
        answers.add(shell(grpcurl.get(), line.replace(ADDRESS, "localhost:" + server.port())));
      }
      assertAnswers(answers);
    }
  }

  @Test
  void grpcurlCall_thatFails_showsWhyInsteadOfBytes() throws Exception {
    Optional<Path> grpcurl = grpcurl();
    assumeTrue(grpcurl.isPresent(), "no grpcurl: .ci/run builds it where Go is installed");
    try (SlipwayServer server = serve()) {
      String call = "slipway.v1.DatabaseService/GetDatabase";
      String line =
          "grpcurl -plaintext -d '{\"database\":\"none\"}' localhost:%d %s || true"
              .formatted(server.port(), call);

      assertThat(shell(grpcurl.get(), line))
          .contains("\"reason\": \"DATABASE_NOT_FOUND\"", "google.rpc.ResourceInfo")
          .doesNotContain("not recognized");
    }
  }

  /** The commit is sent twice, as the README suggests. */
  private static List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : ShellSnippets.of(README, "grpcurl")) {
      lines.add(line);
      if (line.contains("/Commit")) {
        lines.add(line);
      }
    }
    assertThat(lines).hasSize(9);
    return lines;
  }

  private static void assertAnswers(List<String> said) {
    // JSON of protobuf may name a field rows_added or rowsAdded: releases of grpcurl differ.
    List<String> answers = said.stream().map(a -> a.replace("rows_added", "rowsAdded")).toList();
    assertThat(answers.get(0)).contains("\"name\": \"shop\"");
    assertThat(answers.get(1)).contains("\"name\": \"customer\"");
    assertThat(answers.get(3)).contains("\"id\": \"customers-1\"", "\"rowsAdded\": \"2\"");
    assertThat(answers.get(5)).contains("\"revision\": \"3\"").doesNotContain("replayed");
    assertThat(answers.get(6)).contains("\"revision\": \"3\"", "\"replayed\": true");
    assertThat(answers.get(7)).contains("\"name\": \"Bob\"").doesNotContain("Ada");
    assertThat(answers.get(8)).contains("\"count\": \"2\"");
  }

  private SlipwayServer serve() {
    return SlipwayServer.start(
        SlipwayConfig.of(
            Map.of("server.port", "0", "storage.path", folder.resolve("data").toString())));
  }

  /** Where CI builds it, or on the path. */
  private static Optional<Path> grpcurl() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Stream.concat(
            Stream.of(Path.of("..", "target", "bin")),
            Arrays.stream(path.split(File.pathSeparator)).map(Path::of))
        .map(directory -> directory.resolve("grpcurl").toAbsolutePath().normalize())
        .filter(Files::isExecutable)
        .findFirst();
  }

  private String shell(Path grpcurl, String line) throws IOException, InterruptedException {
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder("sh", "-c", line)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder
        .environment()
        .merge("PATH", String.valueOf(grpcurl.getParent()), (old, added) -> added + ":" + old);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(output, UTF_8);
    assertThat(process.exitValue()).as(line + "\n" + said).isZero();
    return said;
  }
}
