package dev.slipway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.SlipwayServer;
import dev.slipway.config.SlipwayConfig;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.matrix.PlantedLog;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator types, against a real server over real files. */
@ExtendWith(QuietLogs.class)
class MaintenanceCommandsTest {
  @TempDir Path folder;

  /** A command's exit code, and what it printed. */
  private record Ran(int exitCode, String out, String err) {}

  private static Ran run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        SlipwayCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = line.execute(words);
    return new Ran(exitCode, out.toString(), err.toString());
  }

  private static Ran ask(SlipwayServer server, String command, String... more) {
    return run(
        Stream.concat(Stream.of(command, "--server", "127.0.0.1:" + server.port()), Stream.of(more))
            .toArray(String[]::new));
  }

  private SlipwayServer serve() {
    return SlipwayServer.start(
        SlipwayConfig.of(
            Map.of(
                "server.port", "0",
                "storage.path", root().toString(),
                "storage.fsync", "false",
                "engine.recovery-interval", "1d")));
  }

  private Path root() {
    return folder.resolve("root");
  }

  private void load(SlipwayServer server, String rows) throws IOException {
    Path file = Files.writeString(folder.resolve("person.ndjson"), rows);
    Ran loaded = ask(server, "load", "crm", "person=" + file, "--key", "person=id");
    assertThat(loaded.exitCode()).as(loaded.err()).isZero();
  }

  private Path home() throws IOException {
    try (Stream<Path> found = Files.list(root().resolve("db"))) {
      return found.findFirst().orElseThrow();
    }
  }

  @Test
  void commands_onAWholeDatabase_endWell() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n{\"id\":2,\"name\":\"Bob\"}\n");

      Ran status = ask(server, "status");
      assertThat(status.exitCode()).as(status.err()).isZero();
      assertThat(status.out())
          .contains("crm: serving", "1 tables on 1 branches", "0 in flight, 0 pending");
      assertThat(ask(server, "status", "nope").exitCode()).isEqualTo(ExitCode.NOT_FOUND);

      Ran recovered = ask(server, "recover", "crm");
      assertThat(recovered).isEqualTo(new Ran(0, "resolved 0" + System.lineSeparator(), ""));
      assertThat(ask(server, "recoveries", "crm").out()).isEmpty();

      Ran verified = ask(server, "verify", "crm", "--deep");
      assertThat(verified.exitCode()).as(verified.out()).isZero();
      assertThat(verified.out()).contains("rows read", "0 problems");

      Ran catalog = ask(server, "verify");
      assertThat(catalog.exitCode()).as(catalog.out()).isZero();
      assertThat(catalog.out()).contains("revision 1: 1 log records", "0 problems");

      Ran dry = ask(server, "cleanup", "crm", "--dry-run", "--grace", "0s", "--older-than", "0s");
      assertThat(dry.exitCode()).as(dry.err()).isZero();
      assertThat(dry.out()).startsWith("person: ").contains("dry run: revisions from");
      Ran cleaned =
          ask(
              server,
              "cleanup",
              "crm",
              "--keep-revisions",
              "1",
              "--grace",
              "0s",
              "--older-than",
              "0s");
      assertThat(cleaned.exitCode()).as(cleaned.err()).isZero();
      assertThat(ask(server, "cleanup", "crm", "--grace", "soon").exitCode())
          .isEqualTo(ExitCode.USAGE);
      assertThat(ask(server, "cleanup", "crm", "--keep-revisions", "0").exitCode())
          .isEqualTo(ExitCode.BAD_DATA);
      Ran after = ask(server, "verify", "crm");
      assertThat(after.exitCode()).as(after.out()).isZero();
    }
    Ran nothing = run("repair", "--data", root().toString(), "crm");
    assertThat(nothing.exitCode()).as(nothing.err()).isZero();
    assertThat(nothing.out()).contains("there is nothing to repair");
    assertThat(run("repair", "--data", root().toString(), "nope").exitCode())
        .isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void repair_inAFolderThatIsNotThere_saysSoAndMakesNone() {
    Ran ran = run("repair", "--data", root().toString(), "crm");

    assertThat(ran.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(ran.err()).contains("there is no storage in " + root() + ": no such folder");
    assertThat(root()).doesNotExist();
  }

  @Test
  void serve_inAFileRatherThanAFolder_saysSo() throws IOException {
    Path file = Files.writeString(root(), "x");

    Ran ran = run("serve", "--data", file.toString(), "--port", "0");

    assertThat(ran.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(ran.err()).contains(file + " isn't a folder");
  }

  @Test
  void commands_afterACleanup_tellThatHistoryWasCut() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1}\n");
      assertThat(ask(server, "log", "crm").out()).doesNotContain("cleaned up");
      load(server, "{\"id\":2}\n");
      String[] all = {"--keep-revisions", "1", "--grace", "0s", "--older-than", "0s"};
      Ran cleaned =
          ask(
              server,
              "cleanup",
              Stream.concat(Stream.of("crm"), Stream.of(all)).toArray(String[]::new));
      assertThat(cleaned.exitCode()).as(cleaned.err()).isZero();

      Ran log = ask(server, "log", "crm");
      Ran old = ask(server, "count", "crm", "person", "--revision", "1");

      assertThat(log.out()).containsPattern("what came before revision [0-9]+ was cleaned up\n$");
      assertThat(ask(server, "log", "crm", "-n", "1").out()).doesNotContain("cleaned up");
      assertThat(old.exitCode()).isEqualTo(ExitCode.NOT_FOUND);
      assertThat(old.err()).contains("REVISION_EXPIRED");
    }
  }

  @Test
  void reclaim_ofADroppedDatabase_freesItsTablesByItsSecondRun() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n");
      server.databases().drop(CallContext.of("tester"), "crm", true);
      for (int i = 0; i < 3; i++) {
        Ran ran = ask(server, "reclaim", "--grace", "0s");
        assertThat(ran.exitCode()).as(ran.out() + ran.err()).isZero();
      }
      assertThat(home().resolve("tables"))
          .satisfiesAnyOf(
              tables -> assertThat(tables).doesNotExist(),
              tables -> assertThat(tables).isEmptyDirectory());
    }
  }

  @Test
  void verify_ofADatabaseWithAMissingFile_namesItAndExitsWithProblems() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n");
      List<Path> data;
      try (Stream<Path> all = Files.walk(home())) {
        data =
            all.filter(path -> path.toString().endsWith(".lance"))
                .filter(Files::isRegularFile)
                .toList();
      }
      Files.delete(data.get(0));

      Ran verified = ask(server, "verify", "crm");

      assertThat(verified.exitCode()).isEqualTo(ExitCode.PROBLEMS);
      assertThat(verified.out())
          .contains("PROBLEM MISSING_FILE person (", data.get(0).getFileName() + ": it is gone");
    }
  }

  @Test
  void repair_ofADamagedNewestRecord_voidsItAndTheServerTakesCommitsAgain() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n");
      load(server, "{\"id\":2,\"name\":\"Bob\"}\n");
    }
    List<Path> records;
    try (Stream<Path> all = Files.list(home().resolve("log"))) {
      records = all.sorted().toList();
    }
    Path newest = records.get(records.size() - 1);
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 4;
    Files.write(newest, bytes);

    try (SlipwayServer server = serve()) {
      Ran status = ask(server, "status", "crm");
      assertThat(status.exitCode()).isEqualTo(ExitCode.PROBLEMS);
      assertThat(status.out())
          .contains("crm: read-only: ", "log/" + newest.getFileName(), "checksum");
      assertThat(ask(server, "count", "crm", "person").out().strip()).isEqualTo("1");
      assertThat(ask(server, "verify", "crm").out()).contains("PROBLEM CORRUPT_RECORD");
    }

    Ran told = run("repair", "--data", root().toString(), "crm");
    assertThat(told.exitCode()).isEqualTo(ExitCode.PROBLEMS);
    assertThat(told.out()).startsWith("would void ").contains(newest.getFileName().toString());
    Ran done =
        run("repair", "--data", root().toString(), "crm", "--void", "bad disk", "--actor", "op");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out()).startsWith("voided ");

    try (SlipwayServer server = serve()) {
      assertThat(ask(server, "status", "crm").exitCode()).isZero();
      load(server, "{\"id\":3,\"name\":\"Cy\"}\n");
      assertThat(ask(server, "count", "crm", "person").out().strip()).isEqualTo("2");
      Ran verified = ask(server, "verify", "crm");
      assertThat(verified.exitCode()).as(verified.out()).isZero();
      assertThat(verified.out()).contains("notice VOIDED_RECORD", "op voided it", "bad disk");
    }
  }

  @Test
  void repair_ofTheCatalog_voidsItsNewestRecordAndDatabasesCanBeCreatedAgain() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n");
    }
    assertThat(run("repair", "--data", root().toString(), "--catalog").out())
        .contains("there is nothing to repair");
    assertThat(run("repair", "--data", root().toString()).exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run("repair", "--data", root().toString(), "crm", "--catalog").exitCode())
        .isEqualTo(ExitCode.USAGE);
    Path log = root().resolve("catalog").resolve("log");
    Path next = Files.writeString(log.resolve("0000000000000000002"), "rubbish");
    try (SlipwayServer server = serve()) {
      assertThat(ask(server, "count", "crm", "person").out().strip()).isEqualTo("1");
      assertThatThrownBy(() -> create(server, "other"))
          .hasMessageContaining("the catalog can't be read");
      assertThat(ask(server, "verify").out())
          .contains("PROBLEM CORRUPT_RECORD", next.getFileName().toString());
    }

    Ran told = run("repair", "--data", root().toString(), "--catalog");
    assertThat(told.exitCode()).isEqualTo(ExitCode.PROBLEMS);
    assertThat(told.out()).startsWith("would void catalog/log/" + next.getFileName());
    Ran done = run("repair", "--data", root().toString(), "--catalog", "--void", "bad disk");
    assertThat(done.exitCode()).as(done.err()).isZero();
    assertThat(done.out()).startsWith("voided catalog/log/");

    try (SlipwayServer server = serve()) {
      create(server, "other");
      assertThat(ask(server, "count", "crm", "person").out().strip()).isEqualTo("1");
      Ran verified = ask(server, "verify");
      assertThat(verified.exitCode()).as(verified.out()).isZero();
      assertThat(verified.out()).contains("notice VOIDED_RECORD", "bad disk");
    }
  }

  @Test
  void recoveries_thatThereWere_areToldByOutcomeAndBranchUpToTheLimit() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n");
    }
    try (EngineFixture engine = EngineFixture.open(BackendKind.LANCE, root())) {
      String id = engine.database("crm").info().id();
      new PlantedLog(engine.backend().metadata(), id).recoveries(4);
    }
    try (SlipwayServer server = serve()) {
      Ran all = ask(server, "recoveries", "crm");
      assertThat(all.exitCode()).as(all.err()).isZero();
      List<String> lines = all.out().lines().toList();
      assertThat(lines).hasSize(4);
      assertThat(lines.get(0))
          .startsWith("revision ")
          .contains("  somebody  rolled back: COMMIT_CONFLICT, begun at revision ")
          .endsWith(", request recovered-3");
      assertThat(lines.get(1)).contains("  rolled forward, begun").endsWith("recovered-2");

      assertThat(ask(server, "recoveries", "crm", "--outcome", "forward").out().lines())
          .containsExactly(lines.get(1), lines.get(3));
      assertThat(ask(server, "recoveries", "crm", "--outcome", "back").out().lines())
          .containsExactly(lines.get(0), lines.get(2));
      assertThat(ask(server, "recoveries", "crm", "--branch", "branch-1").out().lines())
          .containsExactly(lines.get(2));
      assertThat(ask(server, "recoveries", "crm", "-n", "3").out().lines())
          .containsExactlyElementsOf(lines.subList(0, 3));
    }
  }

  private static void create(SlipwayServer server, String name) {
    server.databases().create(CallContext.of("tester"), name, Optional.empty());
  }

  @Test
  void status_withAQuarantinedIntentAndADatabaseThatCantOpen_tellsBoth() throws IOException {
    try (SlipwayServer server = serve()) {
      load(server, "{\"id\":1,\"name\":\"Ada\"}\n");
    }
    Path home = home();
    Files.createDirectories(home.resolve("intents"));
    Files.writeString(
        home.resolve("intents").resolve("01unreadable"), "{}", StandardCharsets.UTF_8);
    try (SlipwayServer server = serve()) {
      Ran recovered = ask(server, "recover", "crm");
      assertThat(recovered.exitCode()).isEqualTo(ExitCode.PROBLEMS);
      assertThat(recovered.out()).contains("quarantined 01unreadable: ");
      Ran status = ask(server, "status");
      assertThat(status.exitCode()).isEqualTo(ExitCode.PROBLEMS);
      assertThat(status.out()).contains("crm: serving", "1 quarantined", "01unreadable");
      load(server, "{\"id\":2,\"name\":\"Bob\"}\n");
    }
    Files.writeString(home.resolve("format.json"), "{}", StandardCharsets.UTF_8);
    try (SlipwayServer server = serve()) {
      Ran status = ask(server, "status");
      assertThat(status.exitCode()).isEqualTo(ExitCode.PROBLEMS);
      assertThat(status.out()).contains("crm: unavailable: CORRUPT_RECORD: ", "format.json");
    }
  }
}
