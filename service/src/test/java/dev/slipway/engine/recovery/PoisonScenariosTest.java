package dev.slipway.engine.recovery;

import static dev.slipway.engine.recovery.Scene.assertAcknowledged;
import static dev.slipway.engine.recovery.Scene.home;
import static dev.slipway.engine.recovery.Scene.ids;
import static dev.slipway.engine.testkit.EngineFixture.TESTER;
import static dev.slipway.engine.testkit.Options.checkpointEvery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.engine.database.LogRepair;
import dev.slipway.engine.database.LogRepair.Poison;
import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogBatch;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.matrix.Client;
import dev.slipway.engine.matrix.Ledger.Answer;
import dev.slipway.engine.state.DatabaseState;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.QuietLogs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scenario 18i: a record that the fold refuses, planted by hand, and the way out. */
@ExtendWith(QuietLogs.class)
class PoisonScenariosTest {
  @TempDir Path folder;

  /** Two commits whose parent isn't there, sealed as it should be. */
  private static String plant(Scene scene, Client client) {
    DatabaseState head = scene.log(client).head();
    List<LogEntry> entries = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      EntryHeader header =
          new EntryHeader("op-" + i, "planted-" + i, "d", "nobody", 0, head.lastTime() + 1 + i);
      entries.add(
          new LogEntry.Commit(header, "main", 0, 99, "", Map.of(), List.of(), List.of(), null));
    }
    LogStore log = new LogStore(scene.metadata(), home(client));
    log.publish(new LogBatch(client.database().info().id(), "n", head.revision() + 1, entries));
    return log.key(head.revision() + 1);
  }

  @ParameterizedTest
  @EnumSource
  void scenario18i_plantedRecord_makesTheDatabaseReadOnlyAndRepairVoidsIt(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first", checkpointEvery(3));
      assertAcknowledged(scene.append(client, "before", 10));
      client.engine().fixture().awaitIdle();
      String key = plant(scene, client);

      // Read-only, not unreadable: in this process and in one that opens it now.
      Client second = scene.open("second");
      for (Client each : List.of(client, second)) {
        assertThat(each.database().head()).isEqualTo(5);
        assertThat(ids(each, "person")).containsExactly(1L, 2L, 3L, 10L);
        assertThat(each.database().condition().readOnly()).get().asString().contains("revision 6");
        assertThat(scene.append(each, each == client ? "refused-1" : "refused-2", 11))
            .isInstanceOfSatisfying(
                Answer.Refused.class,
                refused -> assertThat(refused.reason()).isEqualTo(ErrorReason.CORRUPT_RECORD));
        assertThat(each.database().status(TESTER).condition())
            .isEqualTo(each.database().condition());
        assertThat(findings(each))
            .extracting(Finding::kind, Finding::resource)
            .contains(org.assertj.core.groups.Tuple.tuple(Finding.Kind.REFUSED_RECORD, key));
      }
      client.engine().close();
      second.engine().close();

      LogRepair repair = new LogRepair(scene.metadata());
      Poison poison = repair.find(Client.DATABASE).orElseThrow();
      assertThat(poison.revision()).isEqualTo(6);
      assertThat(poison.entries()).isEqualTo(2);
      assertThat(poison.key()).isEqualTo(key);
      repair.declareVoid(poison, "operator", "planted by hand", 1);
      assertThat(repair.find(Client.DATABASE)).isEmpty();
      assertThatThrownBy(() -> repair.declareVoid(poison, "operator", "again", 2))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("exists already");

      Client third = scene.open("third", checkpointEvery(3));
      assertThat(third.database().head()).isEqualTo(7);
      assertThat(third.database().condition().readOnly()).isEmpty();
      assertThat(scene.append(third, "after", 12)).isEqualTo(new Answer.Acknowledged(8));
      assertThat(ids(third, "person")).containsExactly(1L, 2L, 3L, 10L, 12L);
      for (long revision : List.of(5L, 6L, 7L)) {
        assertThat(
                third
                    .engine()
                    .fixture()
                    .rows(third.database(), "person", ReadAt.revision(revision)))
            .hasSize(4);
      }
      for (long revision : List.of(6L, 7L)) {
        assertThatThrownBy(() -> third.database().commitAt(TESTER, revision))
            .isInstanceOfSatisfying(
                SlipwayException.class,
                e -> assertThat(e.reason()).isEqualTo(ErrorReason.REVISION_NOT_FOUND));
      }
      third.engine().fixture().awaitIdle();
      assertThat(findings(third))
          .filteredOn(found -> found.kind() != Finding.Kind.UNREFERENCED)
          .singleElement()
          .satisfies(
              found -> {
                assertThat(found.kind()).isEqualTo(Finding.Kind.VOIDED_RECORD);
                assertThat(found.revision()).isEqualTo(6);
                assertThat(found.message()).contains("operator", "planted by hand");
              });
      // From a checkpoint after it and from the log alone alike.
      assertThat(scene.open("fourth").database().head()).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @EnumSource
  void scenario18i_newestRecordDamaged_canBeVoidedToo(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      assertAcknowledged(scene.append(client, "lost", 10));
      client.engine().fixture().awaitIdle();
      LogStore log = new LogStore(scene.metadata(), home(client));
      byte[] bytes = log.bytes(5).orElseThrow();
      bytes[50] ^= 1;
      scene.metadata().delete(log.key(5));
      scene.metadata().putIfAbsent(log.key(5), bytes);
      client.engine().close();

      LogRepair repair = new LogRepair(scene.metadata());
      Poison poison = repair.find(Client.DATABASE).orElseThrow();
      assertThat(poison.entries()).isEqualTo(1);
      repair.declareVoid(poison, "operator", "disk", 1);

      Client next = scene.open("next");
      assertThat(ids(next, "person")).containsExactly(1L, 2L, 3L);
      assertThat(scene.append(next, "after", 11)).isEqualTo(new Answer.Acknowledged(6));
    }
  }

  @ParameterizedTest
  @EnumSource
  void repair_whereALaterRecordExistsOrNothingIsWrong_refuses(BackendKind kind) {
    try (Scene scene = new Scene(kind, folder)) {
      Client client = scene.open("first");
      assertAcknowledged(scene.append(client, "one", 10));
      assertAcknowledged(scene.append(client, "two", 11));
      client.engine().fixture().awaitIdle();
      LogRepair repair = new LogRepair(scene.metadata());
      assertThat(repair.find(Client.DATABASE)).isEmpty();
      assertThatThrownBy(() -> repair.find("nope")).isInstanceOf(SlipwayException.class);

      LogStore log = new LogStore(scene.metadata(), home(client));
      byte[] bytes = log.bytes(5).orElseThrow();
      bytes[50] ^= 1;
      scene.metadata().delete(log.key(5));
      scene.metadata().putIfAbsent(log.key(5), bytes);
      Poison poison = repair.find(Client.DATABASE).orElseThrow();

      assertThatThrownBy(() -> repair.declareVoid(poison, "operator", "no", 1))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("there is a later record, " + log.key(6));
    }
  }

  private static List<Finding> findings(Client client) {
    List<Finding> findings = new ArrayList<>();
    VerifySummary summary =
        client
            .database()
            .verify(
                TESTER,
                true,
                new VerifyListener() {
                  @Override
                  public void found(Finding finding) {
                    findings.add(finding);
                  }

                  @Override
                  public void progress(String phase, long done, long total) {
                    assertThat(phase).isNotEmpty();
                  }
                });
    assertThat(summary.problems() + summary.notices()).isEqualTo(findings.size());
    return findings;
  }
}
