package dev.slipway.grpc;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.TableDelta;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What lies in storage and is nobody's: neither of the log and what is derived from it, nor of a
 * version that a revision names. Works it out on its own, and on Lance from the disk itself.
 */
final class Unreferenced {
  private static final String OF_THE_LOG =
      "format.json|(log|checkpoints|pages|decided)/[0-9]{19}(-[0-9]{19})?";

  /** Lance writes it into a home once; no version names it. */
  private static final String HINT = "_versions/latest_version_hint.json";

  private final StorageBackend backend;
  private final EngineFixture engine;

  Unreferenced(EngineFixture engine) {
    this.engine = engine;
    this.backend = engine.backend();
  }

  /** Objects and files, by their paths under the root. */
  Set<String> all() {
    Set<String> found = new TreeSet<>(backend.metadata().list("catalog/", "", 10_000));
    found.addAll(backend.metadata().list("db/", "", 10_000));
    found.removeIf(key -> key.matches("catalog/(" + OF_THE_LOG + ")"));
    for (DatabaseInfo database : engine.databases().list(TESTER, "", 1_000)) {
      String home = "db/" + database.id() + "/";
      for (String table : backend.inlineResidual().homes(database.id())) {
        TableId id = new TableId(database.id(), table);
        backend.inlineResidual().listFiles(id).forEach(file -> found.add(path(id, file)));
      }
      found.addAll(onDisk(database.id()));
      found.removeIf(key -> key.matches(home + "(" + OF_THE_LOG + ")"));
      found.removeAll(referenced(database.id()));
    }
    found.removeIf(key -> key.matches("catalog/(" + OF_THE_LOG + ")"));
    found.removeIf(file -> file.matches("db/[^/]+/tables/[^/]+/" + HINT));
    return found;
  }

  private Set<String> referenced(String database) {
    LogStore log = new LogStore(backend.metadata(), "db/" + database);
    Set<String> files = new TreeSet<>();
    long next = 1;
    while (log.read(next) instanceof LogStore.Found.Batch found) {
      for (LogEntry entry : found.batch().entries()) {
        if (entry instanceof LogEntry.Commit commit) {
          commit.tables().stream()
              .map(TableDelta::pin)
              .flatMap(Stream::ofNullable)
              .forEach(pin -> files.addAll(files(database, pin)));
        }
      }
      next = found.batch().last() + 1;
    }
    return files;
  }

  private List<String> files(String database, Pin pin) {
    TableId table = new TableId(database, pin.table());
    try (TableSnapshot snapshot = backend.tables().open(table, pin.ref())) {
      return backend.tables().files(snapshot).stream().map(file -> path(table, file)).toList();
    }
  }

  private static String path(TableId table, String file) {
    return "db/" + table.database() + "/tables/" + table.table() + "/" + file;
  }

  /** Every file under the root of a backend that has one. */
  private List<String> onDisk(String database) {
    if (!backend.name().equals("lance")) {
      return List.of();
    }
    Path home = Path.of(backend.location(new TableId(database, "t")));
    assertThat(home.endsWith(Path.of("db", database, "tables", "t"))).as("%s", home).isTrue();
    Path root = home.resolve("../../../..").normalize();
    try (Stream<Path> walk = Files.walk(root)) {
      List<String> files = new ArrayList<>();
      walk.filter(Files::isRegularFile)
          .forEach(file -> files.add(root.relativize(file).toString().replace('\\', '/')));
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
