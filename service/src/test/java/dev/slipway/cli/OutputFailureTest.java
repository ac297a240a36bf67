package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Results that can't be written: a command mustn't pass for done. */
class OutputFailureTest {
  @TempDir private Path folder;

  private final SlipwayServer server =
      SlipwayServer.start(SlipwayConfig.of(Map.of("server.port", "0", "storage.kind", "memory")));
  private String err = "";

  @BeforeEach
  void load() throws IOException {
    Path file = Files.writeString(folder.resolve("x.csv"), "id,name\n1,Ada\n2,Bob\n");
    assertThat(run(OutputStream.nullOutputStream(), "load", "crm", "x=" + file)).as(err).isZero();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scan crm x",
        "scan crm x --format csv",
        "scan crm x --format arrow",
        "count crm x",
        "list",
        "list crm",
        "log crm",
        "status",
        "verify crm",
        "scan --help"
      })
  void command_whoseOutputFails_saysSoAndFails(String words) {
    Full full = new Full("No space left on device");

    assertThat(run(full, ShellSnippets.words(words).toArray(new String[0])))
        .isEqualTo(ExitCode.FAILED);

    assertThat(err).isEqualTo("slipway: can't write to standard output: No space left on device\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan crm x", "scan crm x --format csv", "log crm"})
  void command_whoseReaderHasEnough_endsQuietly(String words) {
    assertThat(run(new Full("Broken pipe"), ShellSnippets.words(words).toArray(new String[0])))
        .isZero();

    assertThat(err).isEmpty();
  }

  @Test
  void scan_toAFileThatCannotBeOpened_saysWhy() {
    Path missing = folder.resolve("none").resolve("out");
    assertThat(run(new Full("unused"), "scan", "crm", "x", "-o", folder.toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).isEqualTo("slipway: can't write to " + folder + ": it is a folder\n");
    assertThat(run(new Full("unused"), "scan", "crm", "x", "-o", missing.toString()))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err)
        .isEqualTo(
            "slipway: can't write to %s: there is no folder %s\n"
                .formatted(missing, missing.getParent()));
  }

  /** As a shell starts it: nothing between the command and the descriptor swallows the failure. */
  @Test
  void process_whoseStandardOutputIsAFullDevice_fails() throws Exception {
    File full = new File("/dev/full");
    assumeTrue(full.canWrite(), "only Linux has a device that is always full");
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SlipwayCommand.class.getName(),
                "list",
                "--server",
                "127.0.0.1:" + server.port())
            .redirectOutput(full)
            .redirectError(said.toFile())
            .start();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).isEqualTo(ExitCode.FAILED);
    assertThat(Files.readString(said)).contains("can't write to standard output");
  }

  private int run(OutputStream out, String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    if (!all.contains("--help")) {
      all.addAll(List.of("--server", "127.0.0.1:" + server.port()));
    }
    StringWriter complained = new StringWriter();
    CommandLine line = SlipwayCommand.commandLine(ResultStream.shared(out, "standard output"));
    line.setErr(new PrintWriter(complained, true));
    int code = line.execute(all.toArray(new String[0]));
    err = complained.toString();
    return code;
  }

  /** Takes nothing. */
  private static final class Full extends OutputStream {
    private final String why;

    Full(String why) {
      this.why = why;
    }

    @Override
    public void write(int value) throws IOException {
      throw new IOException(why);
    }
  }
}
