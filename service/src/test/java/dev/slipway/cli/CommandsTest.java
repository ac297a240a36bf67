package dev.slipway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands as typed, against a server of their own. */
class CommandsTest {
  private static final String PENGUINS =
      Path.of("..", "docs", "samples", "penguins.csv").toString();

  @TempDir private Path folder;

  private final SlipwayServer server =
      SlipwayServer.start(SlipwayConfig.of(Map.of("server.port", "0", "storage.kind", "memory")));
  private String out = "";
  private String err = "";

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void load_ofPenguins_canBeCountedScannedAndFoundInTheLog() throws IOException {
    assertThat(run("load", "zoo", "penguins=" + PENGUINS, "--null", "NA", "--message", "All"))
        .isZero();
    assertThat(out).contains("revision 2 of zoo:", "penguins: +344 rows");

    run("count", "zoo", "penguins", "-f", "species = 'Adelie'");
    assertThat(out).isEqualTo("152\n");
    run("count", "zoo", "penguins", "-f", "body_mass_g IS NULL");
    assertThat(out).isEqualTo("2\n");
    run("count", "zoo", "penguins", "--revision", "1");
    assertThat(out).isEqualTo("0\n");
    run("list", "zoo");
    assertThat(out).isEqualTo("penguins: 344 rows, changed at revision 2\n");
    run("list");
    assertThat(out).isEqualTo("zoo\n");
    run("log", "zoo", "-n", "1");
    assertThat(out).startsWith("revision 2 ").contains("  All\n").doesNotContain("revision 1");

    Path csv = folder.resolve("back.csv");
    run("scan", "zoo", "penguins", "--format", "csv", "-o", csv.toString());
    assertThat(Files.readString(csv).replace(".0,", ","))
        .isEqualTo(Files.readString(Path.of(PENGUINS)).replace("NA", "").replace(".0,", ","));
  }

  @Test
  void countAndScan_asOfATime_readWhatWasThereThen() throws IOException {
    Path first = write("first.csv", "id\n1\n");
    Path second = write("second.csv", "id\n2\n");
    run("load", "crm", "person=" + first);
    String between = Instant.now().toString();
    run("load", "crm", "person=" + second);

    run("count", "crm", "person", "--time", between);
    assertThat(out).as(err).isEqualTo("1\n");
    run("count", "crm", "person", "--time", Instant.now().toString());
    assertThat(out).as(err).isEqualTo("2\n");
    Path then = folder.resolve("then.csv");
    run("scan", "crm", "person", "--time", between, "--format", "csv", "-o", then.toString());
    assertThat(Files.readString(then)).isEqualTo("id\n1\n");
    fails(
        ExitCode.NOT_FOUND,
        "REVISION_NOT_FOUND",
        "count",
        "crm",
        "person",
        "--time",
        "1999-01-01T00:00:00Z");
  }

  @Test
  void load_ofSeveralFilesInAllFormats_commitsThemAtOneRevision() throws IOException {
    Path people = write("people.ndjson", "{\"id\":1,\"tags\":[\"x\"]}\n{\"id\":2}\n");
    Path more = write("more.ndjson", "{\"id\":3}\n");
    Path orders = write("orders.csv", "id,person\n10,1\n11,2\n");
    run("load", "crm", "person=" + people, "person=" + more, "order_=" + orders);
    assertThat(out).contains("revision 3 of crm:", "person: +3 rows", "order_: +2 rows");

    Path arrow = folder.resolve("person.arrows");
    run("scan", "crm", "person", "--format", "arrow", "-o", arrow.toString());
    assertThat(run("load", "copy", "person=" + arrow)).as(err).isZero();
    Path back = folder.resolve("back.ndjson");
    run("scan", "copy", "person", "-o", back.toString());
    assertThat(Files.readString(back))
        .isEqualTo("{\"id\":1,\"tags\":[\"x\"]}\n{\"id\":2}\n{\"id\":3}\n");
  }

  @Test
  void load_withKeysAndUpsert_replacesRows() throws IOException {
    Path first = write("first.csv", "id,name\n1,Ada\n2,Bob\n");
    Path second = write("second.csv", "id,name\n2,Bo\n3,Cy\n");
    run("load", "crm", "person=" + first, "--key", "person=id");
    assertThat(run("load", "crm", "person=" + second, "--mode", "upsert")).as(err).isZero();

    run("count", "crm", "person");
    assertThat(out).isEqualTo("3\n");
    run("count", "crm", "person", "-f", "name = 'Bo'");
    assertThat(out).isEqualTo("1\n");
  }

  @Test
  void load_withASchema_usesIt() throws IOException {
    Path file = write("prices.csv", "id,price\n1,2.50\n");
    String schema = "price=id:int32!,price:decimal128[10,2]";
    assertThat(run("load", "shop", "price=" + file, "--schema", schema)).as(err).isZero();

    Path back = folder.resolve("back.csv");
    run("scan", "shop", "price", "--format", "csv", "-o", back.toString());
    assertThat(Files.readString(back)).isEqualTo("id,price\n1,2.50\n");
  }

  @Test
  void load_ofABadSecondFile_commitsNothing() throws IOException {
    Path good = write("good.csv", "id\n1\n");
    run("load", "crm", "a=" + good, "b=" + good);
    Path bad = write("bad.csv", "id\n1\nx\n");

    assertThat(run("load", "crm", "a=" + good, "b=" + bad)).isEqualTo(ExitCode.BAD_DATA);

    assertThat(err)
        .isEqualTo("slipway: " + bad + " line 3: column 'id': expected int64, found 'x'\n");
    run("count", "crm", "a");
    assertThat(out).isEqualTo("1\n");
  }

  @Test
  void load_withProgress_saysHowFarItIs() {
    assertThat(run("load", "zoo", "penguins=" + PENGUINS, "--progress")).isZero();
    assertThat(out).containsPattern("344 rows, 15.2 kB at [0-9.]+ [kM]B/s");
  }

  @Test
  void commands_thatFail_sayWhyOnOneLine() throws IOException {
    Path file = write("x.csv", "id\n1\n");
    run("load", "crm", "x=" + file);

    fails(ExitCode.NOT_FOUND, "DATABASE_NOT_FOUND", "count", "none", "x");
    fails(ExitCode.NOT_FOUND, "TABLE_NOT_FOUND", "scan", "crm", "none");
    fails(ExitCode.NOT_FOUND, "COLUMN_NOT_FOUND", "count", "crm", "x", "-f", "y = 1");
    fails(ExitCode.BAD_DATA, "FILTER_INVALID", "count", "crm", "x", "-f", "id = = 1");
    fails(ExitCode.BAD_DATA, "there is no readable file", "load", "crm", "x=none.csv");
    fails(ExitCode.BAD_DATA, "expected a name that ends in", "load", "crm", "x=../pom.xml");
    fails(ExitCode.USAGE, "expected TABLE=FILE", "load", "crm", "x");
    fails(ExitCode.USAGE, "--time: expected", "count", "crm", "x", "--time", "now");
    fails(ExitCode.USAGE, "--key: expected TABLE=", "load", "crm", "x=" + file, "--key", "y=id");
  }

  @Test
  void commands_withoutAServer_sayHowToStartOne() {
    assertThat(execute("count", "crm", "x", "--server", "127.0.0.1:1"))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(err).startsWith("slipway: no server answers").contains("slipway serve");
  }

  @Test
  void serve_withMistakenSettings_namesAllOfThem() {
    assertThat(execute("serve", "--storage", "disk", "--set", "storage.fsnyc=true"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err).contains("did you mean storage.fsync?", "expected lance, memory, found 'disk'");
  }

  @Test
  void demo_onATemporaryFolder_goesAsExpected() {
    assertThat(execute("demo")).as(out + err).isZero();
    assertThat(out)
        .contains("ABORTED COMMIT_CONFLICT", "replayed: true", "Done: everything was as");
  }

  @Test
  void quickstartLines_typedInOrder_work() throws IOException {
    List<String> lines =
        Stream.of("README.md", "docs/quickstart.md")
            .flatMap(page -> slipwayLines(page).stream())
            .filter(line -> !line.contains("serve") && !line.contains(" debian"))
            .toList();
    assertThat(lines).hasSizeGreaterThan(8);
    for (String line : lines) {
      List<String> words = new ArrayList<>(ShellSnippets.words(line));
      words.remove(0);
      words.replaceAll(word -> word.replace("=docs/", "=../docs/"));
      words.addAll(words.get(0).equals("scan") ? List.of("-o", folder + "/out") : List.of());
      assertThat(run(words.toArray(new String[0]))).as(line + "\n" + err).isZero();
    }
  }

  private static List<String> slipwayLines(String page) {
    try {
      return ShellSnippets.of(Path.of("..", page), "./slipway");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void fails(int exitCode, String reason, String... words) {
    assertThat(run(words)).as(err).isEqualTo(exitCode);
    assertThat(err).contains(reason).startsWith("slipway: ").hasLineCount(1);
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--server", "127.0.0.1:" + server.port()));
    return execute(all.toArray(new String[0]));
  }

  private int execute(String... words) {
    StringWriter said = new StringWriter();
    StringWriter complained = new StringWriter();
    CommandLine line = SlipwayCommand.commandLine();
    line.setOut(new PrintWriter(said, true));
    line.setErr(new PrintWriter(complained, true));
    int code = line.execute(words);
    out = said.toString();
    err = complained.toString();
    return code;
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, UTF_8);
  }
}
