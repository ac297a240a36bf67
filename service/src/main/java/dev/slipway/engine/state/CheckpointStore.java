package dev.slipway.engine.state;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.log.Settings;
import dev.slipway.storage.MetadataStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/**
 * Published states, written whole, so that opening needn't fold the log from its beginning: {@code
 * <home>/checkpoints/<revision>}. Derived: losing one loses nothing. Safe for use by many threads.
 */
public final class CheckpointStore {
  private static final int FORMAT = 1;
  private static final int PAGE = 1_000;

  private final MetadataStore store;
  private final String prefix;
  private final FailureInjector failures;

  public CheckpointStore(MetadataStore store, String home, FailureInjector failures) {
    this.store = store;
    this.prefix = home + "/checkpoints/";
    this.failures = failures;
  }

  /** Revisions of the checkpoints there are, ascending. */
  public List<Long> revisions() {
    List<Long> found = new ArrayList<>();
    String after = "";
    List<String> page;
    do {
      page = store.list(prefix, after, PAGE);
      for (String key : page) {
        found.add(Long.parseLong(key.substring(prefix.length())));
        after = key;
      }
    } while (page.size() == PAGE);
    return found;
  }

  /** The newest at or below {@code revision}. */
  public Optional<DatabaseState> newestUpTo(long revision) {
    List<Long> all = revisions();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i) <= revision) {
        Optional<DatabaseState> state = read(all.get(i));
        if (state.isPresent()) {
          return state;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * @throws dev.slipway.engine.log.CorruptRecordException if it isn't what was written
   */
  public Optional<DatabaseState> read(long revision) {
    String key = key(revision);
    return store.get(key).map(bytes -> SealedJson.open(key, bytes, Stored.class).state());
  }

  /** Writes a published state; one that is there already is the same. */
  public void write(DatabaseState state) {
    failures.at(FailPoint.CHECKPOINT_BEFORE_WRITE);
    store.putIfAbsent(key(state.revision()), encode(state));
    failures.at(FailPoint.CHECKPOINT_AFTER_WRITE);
  }

  public void delete(long revision) {
    store.delete(key(revision));
  }

  /** The checkpoint's bytes: equal states have equal bytes. */
  public static byte[] encode(DatabaseState state) {
    return SealedJson.seal(Stored.of(state));
  }

  private String key(long revision) {
    return prefix + LogStore.digits(revision);
  }

  /** A branch; its tables are an index into the shared maps. */
  record StoredBranch(String name, long incarnation, long head, int tables) {}

  record StoredConsumed(String id, long begun, long revision) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record StoredDecision(
      long r, long t, boolean c, String op, @Nullable String q, @Nullable String d) {}

  /** The JSON form: table maps shared by branches stand once, arrays by revision as deltas. */
  record Stored(
      int format,
      String incarnation,
      long revision,
      Settings settings,
      List<StoredBranch> branches,
      List<List<Pin>> maps,
      long floor,
      long stagedFloor,
      List<String> renewed,
      long decisionsFloor,
      List<StoredDecision> decisions,
      List<StoredConsumed> consumed,
      long timesFrom,
      long[] timeDeltas,
      long[] parents,
      long[] startDeltas,
      boolean deleted) {

    static Stored of(DatabaseState state) {
      List<List<Pin>> maps = new ArrayList<>();
      Map<TreePMap<String, Pin>, Integer> known = new HashMap<>();
      List<StoredBranch> branches = new ArrayList<>();
      for (Branch branch : state.branches().values()) {
        int index =
            known.computeIfAbsent(
                branch.tables(),
                tables -> {
                  maps.add(List.copyOf(tables.values()));
                  return maps.size() - 1;
                });
        branches.add(new StoredBranch(branch.name(), branch.incarnation(), branch.head(), index));
      }
      List<StoredDecision> decisions =
          state.decisions().all().stream()
              .map(
                  d ->
                      new StoredDecision(
                          d.revision(), d.time(), d.committed(), d.op(), d.request(), d.digest()))
              .toList();
      List<StoredConsumed> consumed =
          state.consumed().entrySet().stream()
              .sorted(Map.Entry.comparingByKey())
              .map(
                  e ->
                      new StoredConsumed(e.getKey(), e.getValue().begun(), e.getValue().revision()))
              .toList();
      return new Stored(
          FORMAT,
          state.incarnation(),
          state.revision(),
          state.settings(),
          branches,
          maps,
          state.floor(),
          state.stagedFloor(),
          state.renewed().stream().sorted().toList(),
          state.decisions().floor(),
          decisions,
          consumed,
          state.timesFrom(),
          deltas(state.times().toArray()),
          state.parents().toArray(),
          deltas(state.starts().toArray()),
          state.deleted());
    }

    DatabaseState state() {
      if (format != FORMAT) {
        throw new dev.slipway.engine.log.CorruptRecordException(
            "checkpoint " + revision, "expected format " + FORMAT + ", found " + format, null);
      }
      List<TreePMap<String, Pin>> tables = new ArrayList<>();
      for (List<Pin> map : maps) {
        TreePMap<String, Pin> pins = TreePMap.empty();
        for (Pin pin : map) {
          pins = pins.plus(Branch.key(pin.name()), pin);
        }
        tables.add(pins);
      }
      TreePMap<String, Branch> named = TreePMap.empty();
      for (StoredBranch branch : branches) {
        named =
            named.plus(
                branch.name(),
                new Branch(
                    branch.name(),
                    branch.incarnation(),
                    branch.head(),
                    tables.get(branch.tables())));
      }
      HashPMap<String, DatabaseState.Use> used = HashTreePMap.empty();
      for (StoredConsumed entry : consumed) {
        used = used.plus(entry.id(), new DatabaseState.Use(entry.begun(), entry.revision()));
      }
      List<Decision> kept =
          decisions.stream()
              .map(d -> new Decision(d.r(), d.t(), d.c(), d.op(), d.q(), d.d()))
              .toList();
      return new DatabaseState(
          incarnation,
          revision,
          settings,
          named,
          floor,
          stagedFloor,
          Set.copyOf(renewed),
          Decisions.of(kept, decisionsFloor),
          used,
          timesFrom,
          LongList.of(sums(timeDeltas)),
          LongList.of(parents),
          LongList.of(sums(startDeltas)),
          deleted);
    }

    private static long[] deltas(long[] values) {
      long[] out = new long[values.length];
      for (int i = 0; i < values.length; i++) {
        out[i] = i == 0 ? values[0] : values[i] - values[i - 1];
      }
      return out;
    }

    private static long[] sums(long[] deltas) {
      long[] out = deltas.clone();
      for (int i = 1; i < out.length; i++) {
        out[i] += out[i - 1];
      }
      return out;
    }
  }
}
