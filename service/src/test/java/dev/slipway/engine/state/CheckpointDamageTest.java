package dev.slipway.engine.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a checkpoint names is gone or isn't what was written. */
@ExtendWith(QuietLogs.class)
class CheckpointDamageTest {
  private static final String HOME = "db/" + SyntheticLog.INCARNATION;
  private static final PageLayout LAYOUT = new PageLayout(4, 2, 2);

  private final MapStore store = new MapStore(MetadataStore.MAX_VALUE_BYTES);
  private final SyntheticLog source = new SyntheticLog(new Random(7));
  private final LogStore log = new LogStore(store, HOME);
  private DatabaseState fold = DatabaseState.initial(SyntheticLog.INCARNATION, LAYOUT);

  private enum Damage {
    FLIPPED(MapStore::damage),
    GONE(MapStore::delete);

    private final BiConsumer<MapStore, String> how;

    Damage(BiConsumer<MapStore, String> how) {
      this.how = how;
    }
  }

  private CheckpointStore checkpoints() {
    return new CheckpointStore(store, HOME, LAYOUT, FailureInjector.NONE);
  }

  /** Some fifty revisions, nothing forgotten, and a checkpoint. */
  private DatabaseState checkpoint() {
    while (fold.revision() < 50) {
      append();
    }
    checkpoints().write(fold);
    return fold;
  }

  private List<String> shared() {
    List<String> keys = new java.util.ArrayList<>(store.keys(HOME + "/pages/"));
    keys.addAll(store.keys(HOME + "/decided/"));
    return keys;
  }

  @ParameterizedTest
  @EnumSource
  void read_anyPageDamaged_isTheSameFromTheLog_andTheNextCheckpointMendsIt(Damage damage) {
    checkpoint();
    assertThat(store.keys(HOME + "/pages/")).hasSize(3);
    for (String key : store.keys(HOME + "/pages/")) {
      byte[] whole = store.get(key).orElseThrow();
      damage.how.accept(store, key);
      assertThat(checkpoints().flaws(fold.revision(), new HashMap<>()))
          .singleElement()
          .satisfies(flaw -> assertThat(flaw.key()).isEqualTo(key))
          .satisfies(flaw -> assertThat(flaw.gone()).isEqualTo(damage == Damage.GONE));

      CheckpointStore fresh = checkpoints();
      DatabaseState state = fresh.read(fold.revision()).orElseThrow();
      PagedHistoryTest.same(state, fold, source, new Random(1));

      fresh.write(state);
      assertThat(store.get(key)).get().isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @EnumSource
  void lookup_anyBlockDamaged_isTheSameFromTheLog_andTheNextCheckpointMendsIt(Damage damage) {
    checkpoint();
    for (String key : store.keys(HOME + "/decided/")) {
      byte[] whole = store.get(key).orElseThrow();
      damage.how.accept(store, key);

      CheckpointStore fresh = checkpoints();
      DatabaseState state = fresh.read(fold.revision()).orElseThrow();
      for (SyntheticLog.Entry entry : source.entries()) {
        assertThat(state.decisions().operation(entry.op()).map(Decision::revision).orElse(-1L))
            .isEqualTo(entry.revision() < source.decisionsFloor() ? -1 : entry.revision());
      }

      fresh.mend(fold.revision());
      if (damage == Damage.FLIPPED || store.get(key).isPresent()) {
        assertThat(store.get(key).map(bytes -> java.util.Arrays.equals(bytes, whole)))
            .contains(true);
      }
      assertThat(checkpoints().flaws(fold.revision(), new HashMap<>())).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void mend_byTheProcessThatHasThePagesInMemory_writesThemAnew_alsoWithoutTheLog(Damage damage) {
    CheckpointStore same = checkpoints();
    checkpoint();
    same.write(fold);
    List<String> pages = store.keys(HOME + "/pages/");
    for (boolean hollow : new boolean[] {false, true}) {
      if (hollow) {
        log.revisions(0, 1_000).forEach(log::hollow);
      }
      for (String key : pages) {
        byte[] whole = store.get(key).orElseThrow();
        damage.how.accept(store, key);

        same.mend(fold.revision());

        assertThat(store.get(key)).get().isEqualTo(whole);
        assertThat(same.flaws(fold.revision(), new HashMap<>())).isEmpty();
      }
    }
  }

  @Test
  void mend_byAProcessThatDiesAfterItDeletedWhatAnotherMendedMeanwhile_losesNothing() {
    checkpoint();
    for (String key : shared()) {
      CheckpointStore first = checkpoints();
      CheckpointStore second = checkpoints();
      assertThat(first.read(fold.revision())).isPresent();
      assertThat(second.read(fold.revision())).isPresent();
      store.damage(key);
      store.onNextDelete(
          delete -> {
            first.mend(fold.revision());
            assertThat(checkpoints().flaws(fold.revision(), new HashMap<>())).isEmpty();
            delete.run();
            throw new Died();
          });

      assertThatThrownBy(() -> second.mend(fold.revision())).isInstanceOf(Died.class);

      assertThat(store.get(key)).isEmpty();
      assertThat(checkpoints().flaws(fold.revision(), new HashMap<>())).isEmpty();
    }
    log.revisions(0, 1_000).forEach(log::hollow);
    DatabaseState state = checkpoints().read(fold.revision()).orElseThrow();
    PagedHistoryTest.same(state, fold, source, new Random(1));
  }

  private static final class Died extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @Test
  void deleteBelow_whatIsMended_goesToo() {
    DatabaseState old = checkpoint();
    for (String key : shared()) {
      store.damage(key);
      checkpoints().mend(old.revision());
    }
    assertThat(shared()).anyMatch(key -> key.endsWith(".mended"));
    while (fold.revision() < 500) {
      append();
      checkpoints().write(fold);
    }

    checkpoints().deleteBelow(fold);

    assertThat(shared()).noneMatch(key -> key.endsWith(".mended"));
    assertThat(checkpoints().flaws(fold.revision(), new HashMap<>())).isEmpty();
  }

  @Test
  void flaws_ofPagesProvenBefore_readsTheCheckpointAlone() {
    checkpoint();
    CheckpointStore checkpoints = checkpoints();
    Map<String, Long> proven = new HashMap<>();
    assertThat(checkpoints.flaws(fold.revision(), proven)).isEmpty();
    long before = store.read();

    assertThat(checkpoints.flaws(fold.revision(), proven)).isEmpty();

    assertThat(store.read() - before)
        .isEqualTo(store.get(checkpoints.key(fold.revision())).orElseThrow().length);
  }

  /** Until a page holds the beginning of what is known, in a history that fits a greatest page. */
  private Page reachesBeforeTheHistory() {
    fold = DatabaseState.initial(SyntheticLog.INCARNATION, new PageLayout(4, 2, 8));
    while (fold.revision() < 200) {
      append();
    }
    Page page = fold.timeline().pages().get(0);
    assertThat(fold.timesFrom()).isBetween(page.first() + 1, page.last());
    return page;
  }

  private void append() {
    LogBatch batch = source.next(5);
    log.publish(batch);
    fold = fold.apply(batch);
  }

  /** Another process' state, which knows one page in part. */
  private DatabaseState knownInPart(Page page) {
    CheckpointStore writer = checkpoints();
    writer.write(fold);
    log.revisions(-1, 10_000).stream()
        .filter(first -> first < fold.timesFrom())
        .forEach(log::hollow);
    store.damage(
        HOME + "/pages/" + LogStore.digits(page.first()) + "-" + LogStore.digits(page.last()));
    return checkpoints().read(fold.revision()).orElseThrow();
  }

  @Test
  void mend_ofAPageThatIsKnownInPartAlone_leavesItAsItIs() {
    Page page = reachesBeforeTheHistory();
    assertThat(knownInPart(page).timeline().isWhole()).isFalse();
    CheckpointStore fresh = checkpoints();

    fresh.mend(fold.revision());

    assertThat(fresh.flaws(fold.revision(), new HashMap<>())).hasSize(1);
  }

  @Test
  void write_ofAStateThatKnowsAPageInPart_isTheSameOrRefused_andItAgreesWithTheWholeOne() {
    Page page = reachesBeforeTheHistory();
    DatabaseState part = knownInPart(page);
    assertThat(part.timeline().unmergeable()).isEmpty();
    assertThat(CheckpointStore.encode(part)).isEqualTo(CheckpointStore.encode(fold));
    while (part.timeline().unmergeable().isEmpty() && fold.revision() < 1_000) {
      LogBatch batch = source.next(5);
      log.publish(batch);
      fold = fold.apply(batch);
      part = part.apply(batch);
    }
    DatabaseState unmerged = part;

    assertThatThrownBy(() -> checkpoints().write(unmerged))
        .isInstanceOfSatisfying(
            CorruptRecordException.class,
            e ->
                assertThat(e.key())
                    .endsWith(
                        "/pages/"
                            + LogStore.digits(page.first())
                            + "-"
                            + LogStore.digits(page.last())));
    assertThat(CheckpointStore.encode(unmerged)).isNotEqualTo(CheckpointStore.encode(fold));
    assertThat(CheckpointStore.agree(unmerged, fold)).isTrue();
    append();
    assertThat(CheckpointStore.agree(unmerged, fold)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void lookup_blockDamagedAndItsRecordsHollow_failsForItsIdsAlone(Damage damage) {
    checkpoint();
    Block doomed = fold.timeline().pages().get(1).blocks().get(0);
    String key =
        HOME + "/decided/" + LogStore.digits(doomed.first()) + "-" + LogStore.digits(doomed.last());
    damage.how.accept(store, key);
    log.revisions(0, 1_000).stream().filter(first -> first <= doomed.last()).forEach(log::hollow);

    DatabaseState state = checkpoints().read(fold.revision()).orElseThrow();

    assertThat(state.decisions().operation("new")).isEmpty();
    assertThat(state.decisions().request("new")).isEmpty();
    for (SyntheticLog.Entry entry : source.entries()) {
      if (entry.revision() < source.decisionsFloor()) {
        continue;
      }
      if (entry.revision() < doomed.first() || entry.revision() > doomed.last()) {
        assertThat(state.decisions().operation(entry.op())).isPresent();
      } else {
        assertThatThrownBy(() -> state.decisions().operation(entry.op()))
            .isInstanceOfSatisfying(
                CorruptRecordException.class, e -> assertThat(e.key()).isEqualTo(key));
      }
    }
  }

  @Test
  void newest_pageDamagedAndItsRecordsHollow_isTheOlderOne() {
    checkpoint();
    long older = fold.revision();
    while (fold.timeline().pages().get(0).last() <= 16) {
      LogBatch batch = source.next(5);
      log.publish(batch);
      fold = fold.apply(batch);
      if (fold.revision() > 80) {
        break;
      }
    }
    checkpoints().write(fold);
    Page newest = fold.timeline().pages().get(fold.timeline().pages().size() - 1);
    assertThat(newest.first()).isGreaterThan(older);
    store.damage(
        HOME + "/pages/" + LogStore.digits(newest.first()) + "-" + LogStore.digits(newest.last()));
    log.revisions(0, 1_000).forEach(log::hollow);

    assertThat(checkpoints().newest(SyntheticLog.INCARNATION).revision()).isEqualTo(older);
  }

  @Test
  void write_overAnotherWholeObject_isRefusedByName() {
    checkpoint();
    String key = store.keys(HOME + "/pages/").get(0);
    store.delete(key);
    store.putIfAbsent(key, SealedJson.seal(Map.of("format", 1, "something", "else")));

    assertThatThrownBy(() -> checkpoints().write(refolded()))
        .isInstanceOfSatisfying(
            CorruptRecordException.class, e -> assertThat(e.key()).isEqualTo(key));
  }

  /** As another process has it that never saw a checkpoint. */
  private DatabaseState refolded() {
    DatabaseState state = DatabaseState.initial(SyntheticLog.INCARNATION, LAYOUT);
    while (log.read(state.revision() + 1) instanceof LogStore.Found.Batch found) {
      state = state.apply(found.batch());
    }
    return state;
  }

  @Test
  void write_ofAStateWhoseDecisionsANewerOneFreed_leavesNoCheckpointThatNamesThem() {
    while (fold.revision() < 50) {
      append();
    }
    DatabaseState older = fold;
    while (fold.decisions().floor() <= 16) {
      append();
    }
    CheckpointStore checkpoints = checkpoints();
    checkpoints.write(fold);

    checkpoints.write(older);

    assertThat(checkpoints.revisions()).contains(fold.revision());
    for (long revision : checkpoints.revisions()) {
      assertThat(checkpoints().flaws(revision, new HashMap<>()))
          .as("flaws of checkpoint %d", revision)
          .isEmpty();
    }
  }

  @Test
  void write_ofTheSameStateByAnother_changesNothing() {
    checkpoint();
    Map<String, byte[]> before = new java.util.TreeMap<>();
    shared().forEach(key -> before.put(key, store.get(key).orElseThrow()));

    checkpoints().write(refolded());

    assertThat(shared()).containsExactlyInAnyOrderElementsOf(before.keySet());
    before.forEach((key, bytes) -> assertThat(store.get(key)).get().isEqualTo(bytes));
  }

  @Test
  void read_checkpointOfAnotherFormat_isRefused_andPassedOver() {
    checkpoint();
    CheckpointStore checkpoints = checkpoints();
    for (int format : List.of(1, 3)) {
      String key = checkpoints.key(fold.revision() + format);
      store.putIfAbsent(
          key, SealedJson.seal(new Other(format, SyntheticLog.INCARNATION, "anything")));

      assertThatThrownBy(() -> checkpoints.read(fold.revision() + format))
          .isInstanceOf(CorruptRecordException.class)
          .hasMessageContaining(key)
          .hasMessageContaining("expected format 2")
          .hasMessageContaining("\"format\":" + format);
    }
    assertThat(checkpoints.newest(SyntheticLog.INCARNATION).revision()).isEqualTo(fold.revision());
  }

  private record Other(int format, String incarnation, String times) {}

  @Test
  void deleteBelow_keepsWhatItAndLaterOnesName_andNothingElse() {
    checkpoint();
    DatabaseState kept = fold;
    store.putIfAbsent(
        HOME + "/pages/" + LogStore.digits(1) + "-" + LogStore.digits(4), new byte[] {1});
    String later = HOME + "/pages/" + LogStore.digits(61) + "-" + LogStore.digits(64);
    store.putIfAbsent(later, new byte[] {1});
    while (fold.revision() < 90) {
      LogBatch batch = source.next(5);
      log.publish(batch);
      fold = fold.apply(batch);
    }
    store.delete(later);
    checkpoints().write(fold);

    assertThat(checkpoints().deleteBelow(kept)).isZero();

    for (DatabaseState state : List.of(kept, fold)) {
      assertThat(checkpoints().flaws(state.revision(), new HashMap<>())).isEmpty();
    }
    checkpoints().deleteBelow(fold);
    assertThat(checkpoints().revisions()).containsExactly(fold.revision());
    assertThat(checkpoints().flaws(fold.revision(), new HashMap<>())).isEmpty();
    assertThat(store.keys(HOME + "/pages/")).hasSameSizeAs(fold.timeline().pages());
  }
}
