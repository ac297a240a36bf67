package dev.slipway.engine.verify;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.Database;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.MetadataStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What tests of the check have in common: a database to damage, and how. */
final class Damage {
  private Damage() {}

  /** Table {@code person} at revision 4, in two files, with a row deleted. */
  static Database database(EngineFixture engine) {
    Database database = engine.create("crm");
    EngineFixture.createPeople(database, "person");
    engine.append(database, "person", List.of(person(1, "Ada", 36), person(2, "Bob", 40)));
    engine.append(database, "person", List.of(person(3, "Cy", 20)));
    engine.write(database, "person", new WriteOperation.Delete(Optional.of("id = 2")), List.of());
    engine.awaitIdle();
    return database;
  }

  static String home(Database database) {
    return "db/" + database.info().id();
  }

  static String tableId(Database database) {
    return database.table(TESTER, "person", ReadAt.HEAD).value().id();
  }

  /** Flips a bit in the middle of an object. */
  static byte[] flip(MetadataStore store, String key) {
    byte[] whole = store.get(key).orElseThrow();
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    replace(store, key, damaged);
    return whole;
  }

  static void replace(MetadataStore store, String key, byte[] bytes) {
    store.delete(key);
    assertThat(store.putIfAbsent(key, bytes)).isTrue();
  }

  /** The only object there. */
  static String only(MetadataStore store, String prefix) {
    List<String> keys = store.list(prefix, "", 10);
    assertThat(keys).as("objects below %s", prefix).hasSize(1);
    return keys.get(0);
  }

  static void assertFindsOnly(Checked checked, Finding.Kind kind, String resource) {
    assertThat(checked.problems())
        .extracting(Finding::kind, Finding::resource)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(kind, resource));
  }

  /** A file of a home, on disk. */
  static Path file(Path folder, String name) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(path -> path.endsWith(Path.of(name))).findFirst().orElseThrow();
    }
  }

  /**
   * Spoils what a data file says of its columns, which lies between its pages and its end. The
   * place is in the file's footer, of 40 bytes.
   */
  static void spoilColumns(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int columns = Math.toIntExact(bytes.getLong(bytes.capacity() - 40));
    assertThat(columns).isBetween(1, bytes.capacity() - 40);
    bytes.putInt(columns, 0);
    Files.write(file, bytes.array());
  }
}
