package dev.slipway.engine.verify;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.Database;
import dev.slipway.engine.Finding;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.ManualClock;
import dev.slipway.engine.testkit.Options;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Databases whose log is hollow at its beginning. */
@ExtendWith(QuietLogs.class)
class VerifyAfterCleanupTest {
  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();

  private EngineFixture cleaned(BackendKind kind) {
    EngineFixture engine =
        EngineFixture.open(kind, folder, FailureInjector.NONE, Options.forgetful(), clock);
    Database database = engine.create("crm");
    EngineFixture.createPeople(database, "person");
    EngineFixture.createPeople(database, "other");
    for (int i = 0; i < 20; i++) {
      clock.advance(Duration.ofHours(1));
      engine.append(database, "person", List.of(person(i, "p" + i, i)));
      engine.awaitIdle();
    }
    engine.write(database, "person", new WriteOperation.Delete(Optional.of("id < 10")), List.of());
    database.dropTable(TESTER, "main", "other", Optional.empty());
    for (int i = 0; i < 3; i++) {
      clock.advance(Duration.ofHours(1));
      database.cleanup(TESTER, CleanupPolicy.EVERYTHING, false, row -> {});
      engine.awaitIdle();
    }
    return engine;
  }

  @ParameterizedTest
  @EnumSource
  void verify_afterCleanups_findsNothingAtAllAndReadsWhatIsKept(BackendKind kind) {
    try (EngineFixture engine = cleaned(kind)) {
      Database database = engine.database("crm");
      LogStore log = new LogStore(engine.backend().metadata(), "db/" + database.info().id());
      assertThat(log.read(1)).isInstanceOf(LogStore.Found.Hollow.class);

      Checked checked = Checked.of(database, true);

      assertThat(checked.problems()).isEmpty();
      assertThat(checked.findings()).isEmpty();
      assertThat(checked.summary().head()).isEqualTo(database.head());
      assertThat(checked.summary().rows()).isGreaterThanOrEqualTo(10);

      engine.append(database, "person", List.of(person(99, "late", 1)));
      assertThat(Checked.of(database, true).problems()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_withAnyPageOrBlockFlippedOrGone_namesIt(BackendKind kind) {
    try (EngineFixture engine = cleaned(kind)) {
      Database database = engine.database("crm");
      MetadataStore store = engine.backend().metadata();
      String home = "db/" + database.info().id();
      List<String> pages = store.list(home + "/pages/", "", 100);
      List<String> blocks = store.list(home + "/decided/", "", 100);
      assertThat(pages).isNotEmpty();
      assertThat(blocks).isNotEmpty();
      for (String key : Stream.concat(pages.stream(), blocks.stream()).toList()) {
        byte[] whole = store.get(key).orElseThrow();
        byte[] flipped = whole.clone();
        flipped[whole.length / 3] ^= 1;
        store.delete(key);
        assertThat(Checked.of(database).of(Finding.Kind.MISSING_RECORD))
            .extracting(Finding::resource)
            .containsExactly(key);
        store.putIfAbsent(key, flipped);
        assertThat(Checked.of(database).of(Finding.Kind.CORRUPT_RECORD))
            .extracting(Finding::resource)
            .containsExactly(key);
        store.delete(key);
        store.putIfAbsent(key, whole);
      }
      assertThat(Checked.of(database).findings()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_withABlockThatBelongsElsewhere_namesIt(BackendKind kind) {
    try (EngineFixture engine = cleaned(kind)) {
      Database database = engine.database("crm");
      MetadataStore store = engine.backend().metadata();
      String home = "db/" + database.info().id();
      for (String folder : List.of("/pages/", "/decided/")) {
        List<String> keys = store.list(home + folder, "", 100);
        assertThat(keys).hasSizeGreaterThan(1);
        byte[] whole = store.get(keys.get(0)).orElseThrow();
        store.delete(keys.get(0));
        store.putIfAbsent(keys.get(0), store.get(keys.get(1)).orElseThrow());

        assertThat(Checked.of(database).of(Finding.Kind.CORRUPT_RECORD))
            .extracting(Finding::resource)
            .containsExactly(keys.get(0));

        store.delete(keys.get(0));
        store.putIfAbsent(keys.get(0), whole);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void verify_afterCleanupsWithDamage_namesRecordsOnBothSidesOfTheCheckpoint(BackendKind kind) {
    try (EngineFixture engine = cleaned(kind)) {
      Database database = engine.database("crm");
      MetadataStore store = engine.backend().metadata();
      LogStore log = new LogStore(store, "db/" + database.info().id());
      String hollow = log.key(1);
      String whole = log.key(database.head());
      for (String key : List.of(hollow, whole)) {
        byte[] bytes = store.get(key).orElseThrow();
        bytes[5] ^= 1;
        store.delete(key);
        store.putIfAbsent(key, bytes);
      }

      assertThat(Checked.of(database).of(Finding.Kind.CORRUPT_RECORD))
          .extracting(Finding::resource)
          .contains(hollow, whole);
    }
  }
}
