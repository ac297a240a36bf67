package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Two related files of real size, through the command line, a server and Lance files. */
class LargeLoadTest {
  private static final int PACKAGES = 100_000;
  private static final int RELATIONS = 230_000;

  @TempDir Path folder;

  private SlipwayServer server;
  private String out = "";

  @BeforeEach
  void start() {
    server =
        SlipwayServer.start(
            SlipwayConfig.of(
                Map.of("server.port", "0", "storage.path", folder.resolve("data").toString())));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void load_ofTwoFilesWithARowInThreeHundredThousand_isOneCommitThatScansBackRowForRow()
      throws IOException {
    int[] needed = new int[PACKAGES];
    Path relations = relations(needed);
    Path packages = packages(needed);

    run("load", "debian", "package=" + packages, "relation=" + relations, "--key", "package=id");

    // One revision made each table; the third has the rows of both.
    assertThat(out)
        .contains(
            "revision 3 of debian:",
            "package: +%,d rows".formatted(PACKAGES),
            "relation: +%,d rows".formatted(RELATIONS));
    run("list", "debian");
    assertThat(out)
        .isEqualTo(
            "package: %,d rows, changed at revision 3\nrelation: %,d rows, changed at revision 3\n"
                .formatted(PACKAGES, RELATIONS));
    assertThat(count("package", "2", "size IS NULL OR size >= 0")).isZero();
    assertThat(count("relation", "2", "of_package >= 0")).isZero();
    assertThat(count("package", "3", "id >= 0")).isEqualTo(PACKAGES);
    assertThat(count("relation", "3", "kind = 'depends' OR kind <> 'depends'"))
        .isEqualTo(RELATIONS);
    for (int id : List.of(0, 1, 777, PACKAGES - 1)) {
      assertThat(count("relation", "3", "on_package = " + id)).isEqualTo(needed[id]);
    }
    assertThat(count("package", "3", "needed = 0")).isEqualTo(count(needed, 0));

    assertScannedBack("package", packages, "ndjson");
    assertScannedBack("relation", relations, "csv");
  }

  /** A column or two of every common type, nulls among them; rows vary in what they have. */
  private Path packages(int[] needed) throws IOException {
    Random random = new Random(1);
    Path file = folder.resolve("package.ndjson");
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      for (int id = 0; id < PACKAGES; id++) {
        String summary =
            id > 0 && random.nextInt(10) == 0 ? "" : ",\"summary\":\"%s\"".formatted(text(random));
        lines.write(
            "{\"id\":%d,\"name\":\"lib%s-%d\",\"essential\":%b,\"size\":%s%s,\"needed\":%d}\n"
                .formatted(
                    id,
                    text(random).replace(' ', '-'),
                    id,
                    random.nextBoolean(),
                    random.nextInt(1_000) + ".5",
                    summary,
                    needed[id]));
      }
    }
    return file;
  }

  private Path relations(int[] needed) throws IOException {
    Random random = new Random(2);
    List<String> kinds = List.of("depends", "recommends", "suggests", "\"breaks, replaces\"");
    Path file = folder.resolve("relation.csv");
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      lines.write("of_package,kind,on_package,version\n");
      for (int i = 0; i < RELATIONS; i++) {
        int on = random.nextInt(PACKAGES);
        needed[on]++;
        lines.write(
            "%d,%s,%d,%s\n"
                .formatted(
                    random.nextInt(PACKAGES),
                    kinds.get(random.nextInt(kinds.size())),
                    on,
                    random.nextInt(4) == 0 ? "" : ">= " + random.nextInt(9) + "." + i));
      }
    }
    return file;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder("w");
    for (int i = random.nextInt(40); i > 0; i--) {
      text.append(random.nextInt(6) == 0 ? ' ' : (char) ('a' + random.nextInt(26)));
    }
    return text.append(random.nextInt(20) == 0 ? "ß漢é" : "z").toString();
  }

  private static long count(int[] needed, int times) {
    return java.util.Arrays.stream(needed).filter(each -> each == times).count();
  }

  private long count(String table, String revision, String filter) {
    run("count", "debian", table, "--revision", revision, "-f", filter);
    return Long.parseLong(out.strip());
  }

  private void assertScannedBack(String table, Path loaded, String format) throws IOException {
    Path back = folder.resolve(table + "-back");
    run("scan", "debian", table, "--revision", "3", "--format", format, "-o", back.toString());
    long differs = Files.mismatch(loaded, back);
    assertThat(differs)
        .as(
            () ->
                "%s scanned back, first different byte near %s"
                    .formatted(table, near(back, differs)))
        .isEqualTo(-1);
  }

  private static String near(Path file, long at) {
    try {
      String text = Files.readString(file);
      int from = Math.max(0, (int) Math.min(at, text.length()) - 100);
      return text.substring(from, Math.min(text.length(), from + 200));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void run(String... words) {
    List<String> all = new java.util.ArrayList<>(List.of(words));
    all.addAll(List.of("--server", "127.0.0.1:" + server.port()));
    StringWriter said = new StringWriter();
    StringWriter complained = new StringWriter();
    CommandLine line = SlipwayCommand.commandLine();
    line.setOut(new PrintWriter(said, true));
    line.setErr(new PrintWriter(complained, true));
    assertThat(line.execute(all.toArray(new String[0]))).as(complained.toString()).isZero();
    out = said.toString();
  }
}
