package dev.slipway.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Loads as people get them wrong: nothing is lost, nothing stays behind, and it is said why. */
class LoadMistakesTest {
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
  void upsert_ofAFileWithFewerColumns_leavesTheOthersAsTheyAre() throws IOException {
    Path rows = write("rows.csv", "id,v,w\n1,3000000000,a\n2,4,b\n");
    assertThat(run("load", "m", "s=" + rows, "--key", "s=id")).as(err).isZero();

    Path csv = write("some.csv", "w,id\nB,2\nC,3\n");
    assertThat(run("load", "m", "s=" + csv, "--mode", "upsert")).as(err).isZero();
    assertThat(rows("s"))
        .containsExactlyInAnyOrder(
            "{\"id\":1,\"v\":3000000000,\"w\":\"a\"}",
            "{\"id\":2,\"v\":4,\"w\":\"B\"}",
            "{\"id\":3,\"w\":\"C\"}");

    Path ndjson = write("some.ndjson", "{\"id\":3}\n{\"id\":1,\"v\":null}\n");
    assertThat(run("load", "m", "s=" + ndjson, "--mode", "upsert")).as(err).isZero();
    Path arrow = folder.resolve("some.arrows");
    run("scan", "m", "s", "--columns", "id", "--format", "arrow", "-o", arrow.toString());
    assertThat(run("load", "m", "s=" + arrow, "--mode", "upsert")).as(err).isZero();
    assertThat(rows("s"))
        .containsExactlyInAnyOrder(
            "{\"id\":1,\"w\":\"a\"}", "{\"id\":2,\"v\":4,\"w\":\"B\"}", "{\"id\":3,\"w\":\"C\"}");
  }

  @Test
  void upsert_withoutTheKeyOrWithAnUnknownColumn_isRefused() throws IOException {
    run("load", "m", "s=" + write("rows.csv", "id,v\n1,2\n"), "--key", "s=id");

    Path keyless = write("keyless.csv", "v\n2\n");
    fails(
        ExitCode.BAD_DATA,
        keyless + ": expected the key's columns [id]",
        "load",
        "m",
        "s=" + keyless,
        "--mode",
        "upsert");
    Path strange = write("strange.csv", "id,u\n1,2\n");
    fails(
        ExitCode.BAD_DATA,
        strange + " line 2: the table has no column 'u'; its columns are",
        "load",
        "m",
        "s=" + strange,
        "--mode",
        "upsert");
  }

  @Test
  void load_ofOneColumn_keepsItsNullRows() throws IOException {
    run("load", "m", "s=" + write("rows.csv", "id,note\n1,a\n2,\n3,\n4,b\n"));
    Path notes = folder.resolve("notes.csv");
    run("scan", "m", "s", "--columns", "note", "--format", "csv", "-o", notes.toString());

    assertThat(run("load", "m", "notes=" + notes)).as(err).isZero();
    assertThat(out).contains("notes: +4 rows");
  }

  @Test
  void load_thatFails_leavesNoNewTableAndMayBeTriedAgain() throws IOException {
    Path rows = write("rows.csv", "id,v\n1,3000000000\n");
    Path fine = write("fine.csv", "id\n1\n");
    String[] narrow = {"load", "m", "f=" + fine, "s=" + rows, "--schema", "s=id:int64,v:int32"};
    fails(ExitCode.BAD_DATA, "column 'v': expected int32, found '3000000000'", narrow);
    run("list", "m");
    assertThat(out).isEmpty();

    narrow[5] = "s=id:int64,v:int64";
    assertThat(run(narrow)).as(err).isZero();
    run("list", "m");
    assertThat(out).contains("f: 1 rows", "s: 1 rows");
  }

  @Test
  void load_ofAFileThatCannotBeRead_makesNoDatabase() throws IOException {
    Path bad = write("bad.csv", "a,b\n1\n");
    Path fine = write("fine.csv", "id\n1\n");
    assertThat(run("load", "m", "f=" + fine, "b=" + bad)).isEqualTo(ExitCode.BAD_DATA);
    run("list");
    assertThat(out).isEmpty();
  }

  @Test
  void load_thatFails_leavesTablesThatWereThere() throws IOException {
    run("load", "m", "s=" + write("rows.csv", "id\n1\n"));
    fails(ExitCode.BAD_DATA, "line 2", "load", "m", "s=" + write("bad.csv", "id\nx\n"));
    assertThat(rows("s")).containsExactly("{\"id\":1}");
  }

  @Test
  void schemaAndKey_thatATableContradicts_areRefusedNamingBoth() throws IOException {
    Path rows = write("rows.csv", "id,v\n1,2\n");
    String load = "s=" + rows;
    String typed = "s=v:int64,id:int64";
    assertThat(run("load", "m", load, "--schema", typed, "--key", "s=id")).as(err).isZero();

    assertThat(run("load", "m", load, "--schema", typed)).as(err).isZero();
    assertThat(run("load", "m", load, "--schema", "s=id:int64!,v:int64", "--key", "s=id"))
        .as(err)
        .isZero();
    fails(
        ExitCode.CONFLICT,
        "table 's' is there with the columns v:int64,id:int64!; --schema says id:int64,v:int32",
        "load",
        "m",
        load,
        "--schema",
        "s=id:int64,v:int32");
    fails(
        ExitCode.CONFLICT,
        "table 's' is there with the key id; --key says v",
        "load",
        "m",
        load,
        "--key",
        "s=v");
  }

  @Test
  void schema_thatIsNone_isRefusedBeforeAnythingIsAsked() throws IOException {
    String load = "s=" + write("rows.csv", "id\n1\n");
    fails(ExitCode.USAGE, "expected TABLE=NAME:TYPE", "load", "m", load, "--schema", "s=bogus");
    fails(ExitCode.USAGE, "'id': expected one of", "load", "m", load, "--schema", "s=id:int65");
    fails(ExitCode.USAGE, "'id': expected a type", "load", "m", load, "--schema", "s=id:list");
    fails(ExitCode.USAGE, "--batch-rows: expected", "load", "m", load, "--batch-rows", "0");
  }

  @Test
  void load_ofFilesThatAreNotArrow_namesThem() throws IOException {
    Path junk = write("junk.arrow", "ARROW1\0\0junkjunkjunk");
    fails(ExitCode.BAD_DATA, junk + ": expected an Arrow IPC file", "load", "m", "s=" + junk);
    Path empty = write("empty.arrow", "");
    fails(ExitCode.BAD_DATA, empty + ": expected an Arrow", "load", "m", "s=" + empty);
    Path text = write("text.csv", "id,v\n1,2\n");
    fails(
        ExitCode.BAD_DATA,
        text + ": expected an Arrow",
        "load",
        "m",
        "s=" + text,
        "--format",
        "arrow");
  }

  @Test
  void load_ofNamesThatNoColumnMayHave_namesFileAndRule() throws IOException {
    Path dot = write("dot.csv", "we.ird\n1\n");
    fails(ExitCode.BAD_DATA, dot + ": ", "load", "m", "s=" + dot);
    assertThat(err).contains("a column name has", "we.ird");
  }

  @Test
  void load_ofOwnOutput_fillsTheSameTypes() throws IOException {
    Path rows = write("rows.csv", "f,n\n0.5,1\n65504,3\n5.9604645E-8,4\n");
    String schema = "a=f:float16,n:int8";
    assertThat(run("load", "m", "a=" + rows, "--schema", schema)).as(err).isZero();
    for (String format : List.of("ndjson", "csv")) {
      Path back = folder.resolve("back." + format);
      run("scan", "m", "a", "--format", format, "-o", back.toString());
      String again = schema.replace("a=", format + "=");
      assertThat(run("load", "m", format + "=" + back, "--schema", again)).as(err).isZero();
      assertThat(rows(format)).isEqualTo(rows("a"));
    }
  }

  private List<String> rows(String table) throws IOException {
    Path file = folder.resolve("rows.out");
    assertThat(run("scan", "m", table, "-o", file.toString())).as(err).isZero();
    return Files.readAllLines(file);
  }

  private void fails(int exitCode, String reason, String... words) {
    assertThat(run(words)).as(err).isEqualTo(exitCode);
    assertThat(err).contains(reason).startsWith("slipway: ").hasLineCount(1);
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--server", "127.0.0.1:" + server.port()));
    StringWriter said = new StringWriter();
    StringWriter complained = new StringWriter();
    CommandLine line = SlipwayCommand.commandLine();
    line.setOut(new PrintWriter(said, true));
    line.setErr(new PrintWriter(complained, true));
    int code = line.execute(all.toArray(new String[0]));
    out = said.toString();
    err = complained.toString();
    return code;
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text, UTF_8);
  }
}
