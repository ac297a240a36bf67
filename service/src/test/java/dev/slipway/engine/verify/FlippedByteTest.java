package dev.slipway.engine.verify;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.state.LiveState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A byte of the log that isn't what was written: found, named, and never folded in. */
@ExtendWith(QuietLogs.class)
class FlippedByteTest {
  private static final int REVISIONS = 5;

  @TempDir Path folder;

  private static Database database(EngineFixture engine) {
    Database database = engine.create("crm");
    EngineFixture.createPeople(database, "person");
    engine.append(database, "person", List.of(person(1, "Ada", 36)));
    engine.write(
        database,
        "person",
        new WriteOperation.Append(false),
        List.of(person(2, "Bob", 40)),
        EngineFixture.request("bob"));
    engine.write(database, "person", new WriteOperation.Delete(Optional.of("id = 2")), List.of());
    database.renameTable(TESTER, "main", "person", "people", Optional.empty());
    engine.awaitIdle();
    return database;
  }

  private static void replace(MetadataStore store, String key, byte[] bytes) {
    store.delete(key);
    assertThat(store.putIfAbsent(key, bytes)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void log_withAnyByteFlipped_isNeverFoldedBeyondIt(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      String id = database.info().id();
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, "db/" + id);
      int flipped = 0;
      for (long revision = 1; revision <= REVISIONS; revision++) {
        String key = log.key(revision);
        byte[] whole = store.get(key).orElseThrow();
        for (int at = 0; at < whole.length; at++) {
          byte[] damaged = whole.clone();
          damaged[at] ^= (byte) (1 << (at % 8));
          replace(store, key, damaged);

          LiveState<DatabaseState> live =
              new LiveState<>(new LogStore(store, "db/" + id), () -> DatabaseState.initial(id));
          assertThat(live.refresh().revision())
              .as("folded with byte %d of %s flipped", at, key)
              .isEqualTo(revision - 1);
          assertThat(live.poison())
              .get()
              .isInstanceOfSatisfying(
                  CorruptRecordException.class, e -> assertThat(e.key()).isEqualTo(key));
          flipped++;
        }
        replace(store, key, whole);
      }
      assertThat(flipped).isGreaterThan(1_500);
      assertThat(Checked.of(database).problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_withManyBytesFlipped_namesEachRecord(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, "db/" + database.info().id());
      for (long revision = 1; revision <= REVISIONS; revision++) {
        String key = log.key(revision);
        byte[] whole = store.get(key).orElseThrow();
        for (int at = (int) revision; at < whole.length; at += 11) {
          byte[] damaged = whole.clone();
          damaged[at] ^= (byte) 0x20;
          replace(store, key, damaged);

          Checked checked = Checked.of(database);

          assertThat(checked.problems())
              .as("byte %d of %s flipped", at, key)
              .extracting(Finding::kind, Finding::resource)
              .containsExactly(
                  org.assertj.core.groups.Tuple.tuple(Finding.Kind.CORRUPT_RECORD, key));
          assertThat(checked.summary().head()).isEqualTo(revision - 1);
        }
        replace(store, key, whole);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void verifyCatalog_withAnyByteFlippedOrARecordGone_namesTheRecord(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      engine.create("one");
      engine.create("two");
      engine.databases().drop(TESTER, "one", true);
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, "catalog");
      assertThat(catalog(engine)).isEmpty();
      for (long revision = 1; revision <= 3; revision++) {
        String key = log.key(revision);
        byte[] whole = store.get(key).orElseThrow();
        for (int at = 0; at < whole.length; at++) {
          byte[] damaged = whole.clone();
          damaged[at] ^= (byte) (1 << (at % 8));
          replace(store, key, damaged);
          assertThat(catalog(engine))
              .as("byte %d of %s flipped", at, key)
              .containsExactly(Finding.Kind.CORRUPT_RECORD + " " + key);
        }
        store.delete(key);
        assertThat(catalog(engine))
            .isEqualTo(
                revision == 3 ? List.of() : List.of(Finding.Kind.MISSING_RECORD + " " + key));
        store.putIfAbsent(key, whole);
      }
      byte[] first = store.get(log.key(1)).orElseThrow();
      replace(store, log.key(1), Arrays.copyOf(first, 20));
      replace(store, log.key(3), new byte[0]);
      assertThat(catalog(engine))
          .containsExactly(
              Finding.Kind.CORRUPT_RECORD + " " + log.key(1),
              Finding.Kind.CORRUPT_RECORD + " " + log.key(3));
    }
  }

  private static List<String> catalog(EngineFixture engine) {
    List<String> found = new ArrayList<>();
    engine
        .databases()
        .verifyCatalog(
            TESTER,
            new VerifyListener() {
              @Override
              public void progress(String phase, long done, long total) {}

              @Override
              public void found(Finding finding) {
                found.add(finding.kind() + " " + finding.resource());
              }
            });
    return found;
  }

  @ParameterizedTest
  @EnumSource
  void verify_twoRecordsDamaged_namesBoth(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, "db/" + database.info().id());
      for (long revision : List.of(2L, 4L)) {
        byte[] damaged = store.get(log.key(revision)).orElseThrow();
        damaged[40] ^= 1;
        replace(store, log.key(revision), damaged);
      }

      assertThat(Checked.of(database).problems())
          .extracting(Finding::resource)
          .containsExactly(log.key(2), log.key(4));
    }
  }

  @ParameterizedTest
  @EnumSource
  void database_openedOnADamagedRecord_isReadOnlyUntilTheRecordIsRestored(BackendKind kind) {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database database = database(engine);
      MetadataStore store = engine.backend().metadata();
      String key = new LogStore(store, "db/" + database.info().id()).key(3);
      byte[] whole = store.get(key).orElseThrow();
      byte[] damaged = whole.clone();
      damaged[100] ^= 1;
      replace(store, key, damaged);

      try (EngineFixture other =
          engine.another(FailureInjector.NONE, EngineOptions.DEFAULT, "other")) {
        Database opened = other.database("crm");

        assertThat(opened.head()).isEqualTo(2);
        assertThat(other.rows(opened, "person")).containsExactly(person(1, "Ada", 36));
        assertThat(opened.condition().readOnly()).get().asString().contains(key);
        SlipwayException refused =
            catchThrowableOfType(
                SlipwayException.class,
                () -> other.append(opened, "person", List.of(person(3, "Cy", 1))));
        assertThat(refused.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD);
        assertThat(refused).hasMessageContaining("read-only at revision 2");

        replace(store, key, whole);
        assertThat(opened.head()).isEqualTo(REVISIONS);
        assertThat(opened.condition().readOnly()).isEmpty();
        other.append(opened, "people", List.of(person(3, "Cy", 1)));
      }
    }
  }
}
