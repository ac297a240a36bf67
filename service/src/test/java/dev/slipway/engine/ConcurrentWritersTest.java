package dev.slipway.engine;

import static dev.slipway.engine.testkit.EngineFixture.createPeople;
import static dev.slipway.engine.testkit.EngineFixture.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many clients that write one table at once: what they were told, against what the table holds. */
@Timeout(300)
class ConcurrentWritersTest {
  private static final int CLIENTS = 16;
  private static final int APPENDS = 200;
  private static final int UPSERTS = 50;
  private static final int SAMPLES = 24;

  @TempDir Path folder;

  /**
   * @param revision as answered
   * @param row the one row written
   */
  private record Written(long revision, Map<String, @Nullable Object> row) {}

  @ParameterizedTest
  @EnumSource
  void write_bySixteenClientsToOneTable_givesEachRevisionTheRowsOfTheLogsOrder(BackendKind kind)
      throws Exception {
    try (EngineFixture engine = EngineFixture.open(kind, folder)) {
      Database crm = engine.create("crm");
      createPeople(crm, "person");

      NavigableMap<Long, Written> log = new TreeMap<>();
      for (Written each : writeAll(engine, crm)) {
        assertThat(log.put(each.revision(), each)).as("revision %d", each.revision()).isNull();
      }

      int writes = CLIENTS * (APPENDS + UPSERTS);
      assertThat(log.keySet()).containsExactlyElementsOf(revisions(2, writes + 1));
      assertThat(crm.head()).isEqualTo(writes + 1);
      assertThat(expected(log, crm.head())).hasSize(CLIENTS * APPENDS + UPSERTS);
      for (int sample = 1; sample <= SAMPLES; sample++) {
        long revision = 1 + (long) writes * sample / SAMPLES;
        assertThat(byId(engine.rows(crm, "person", ReadAt.revision(revision))))
            .as("rows at revision %d", revision)
            .isEqualTo(expected(log, revision));
      }
    }
  }

  private static List<Long> revisions(long from, long to) {
    return LongStream.rangeClosed(from, to).boxed().toList();
  }

  /** All clients at once, each without ever trying again. */
  private static List<Written> writeAll(EngineFixture engine, Database crm) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    try {
      List<Callable<List<Written>>> clients = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        int number = client;
        clients.add(() -> write(engine, crm, number));
      }
      List<Written> all = new ArrayList<>();
      for (Future<List<Written>> client : threads.invokeAll(clients)) {
        all.addAll(client.get());
      }
      return all;
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * Appends, between the first of them upserts: of the same keys as the others, at about one time.
   */
  private static List<Written> write(EngineFixture engine, Database crm, int client) {
    List<Written> written = new ArrayList<>();
    String name = "client " + client;
    int upserted = 0;
    for (int i = 0; i < APPENDS; i++) {
      Map<String, @Nullable Object> fresh = person(1_000_000 + client * 1_000L + i, name, i);
      CommitResult append = engine.append(crm, "person", List.of(fresh));
      written.add(new Written(append.commit().revision(), fresh));
      // Early: an upsert looks into every fragment, and each append makes one.
      for (int more = 0; more < 5 && upserted < UPSERTS; more++) {
        int key = (upserted + client % 4) % UPSERTS;
        Map<String, @Nullable Object> shared = person(key, name, client * 1_000L + upserted);
        CommitResult upsert =
            engine.write(crm, "person", new WriteOperation.Upsert(false), List.of(shared));
        written.add(new Written(upsert.commit().revision(), shared));
        upserted++;
      }
    }
    return written;
  }

  /** By id: of several writes the one with the last revision. */
  private static Map<Object, Map<String, @Nullable Object>> expected(
      NavigableMap<Long, Written> log, long revision) {
    Map<Object, Map<String, @Nullable Object>> rows = new TreeMap<>();
    log.headMap(revision, true)
        .values()
        .forEach(written -> rows.put(id(written.row()), written.row()));
    return rows;
  }

  private static Map<Object, Map<String, @Nullable Object>> byId(
      List<Map<String, @Nullable Object>> rows) {
    Map<Object, Map<String, @Nullable Object>> sorted = new TreeMap<>();
    for (Map<String, @Nullable Object> row : rows) {
      assertThat(sorted.put(id(row), row)).as("a second row of id %s", id(row)).isNull();
    }
    return sorted;
  }

  private static Object id(Map<String, @Nullable Object> row) {
    return Objects.requireNonNull(row.get("id"));
  }
}
