package dev.slipway.engine.state;

import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.CorruptRecordException;
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
import java.util.function.Supplier;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Published states, written whole, so that opening needn't fold the log from its beginning: {@code
 * <home>/checkpoints/<revision>}. Derived: losing one loses nothing. Safe for use by many threads.
 */
public final class CheckpointStore {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
  private static final int FORMAT = 1;
  private static final int PAGE = 1_000;

  private final MetadataStore store;
  private final String prefix;
  private final String decidedPrefix;
  private final FailureInjector failures;

  public CheckpointStore(MetadataStore store, String home, FailureInjector failures) {
    this.store = store;
    this.prefix = home + "/checkpoints/";
    this.decidedPrefix = home + "/decided/";
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

  /** The newest at or below {@code revision} that can be read; a damaged one is passed over. */
  public Optional<DatabaseState> newestUpTo(long revision) {
    List<Long> all = revisions();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (all.get(i) <= revision) {
        try {
          Optional<DatabaseState> state = read(all.get(i));
          if (state.isPresent()) {
            return state;
          }
        } catch (CorruptRecordException e) {
          // Derived: an older one and the log after it say the same.
          LOG.error("a checkpoint is passed over: {}", e.getMessage());
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
    return store
        .get(key)
        .map(bytes -> SealedJson.open(key, bytes, Stored.class).state(() -> decisions(revision)));
  }

  private List<Decision> decisions(long revision) {
    String key = decidedKey(revision);
    byte[] bytes =
        store.get(key).orElseThrow(() -> new CorruptRecordException(key, "it is gone", null));
    return Packed.decisions(SealedJson.open(key, bytes, StoredDecisions.class).decisions());
  }

  /** Writes a published state; one that is there already is the same. */
  public void write(DatabaseState state) {
    failures.at(FailPoint.CHECKPOINT_BEFORE_WRITE);
    List<Decision> decisions = state.decisions().all();
    if (!decisions.isEmpty()) {
      // First: a checkpoint that is there has its decisions.
      store.putIfAbsent(
          decidedKey(state.revision()),
          SealedJson.seal(new StoredDecisions(FORMAT, Packed.decisions(decisions))));
    }
    store.putIfAbsent(key(state.revision()), encode(state));
    failures.at(FailPoint.CHECKPOINT_AFTER_WRITE);
  }

  /**
   * Deletes those below {@code revision}, with their decisions.
   *
   * @return how many
   */
  public int deleteBelow(long revision) {
    int deleted = deleteBelow(prefix, revision);
    var unused = deleteBelow(decidedPrefix, revision);
    return deleted;
  }

  private int deleteBelow(String where, long revision) {
    int deleted = 0;
    List<String> page;
    do {
      page =
          store.list(where, "", PAGE).stream()
              .filter(key -> Long.parseLong(key.substring(where.length())) < revision)
              .toList();
      page.forEach(store::delete);
      deleted += page.size();
    } while (page.size() == PAGE);
    return deleted;
  }

  /** The checkpoint's bytes: equal states have equal bytes. */
  public static byte[] encode(DatabaseState state) {
    return SealedJson.seal(Stored.of(state));
  }

  private String decidedKey(long revision) {
    return decidedPrefix + LogStore.digits(revision);
  }

  /** A checkpoint's key. */
  public String key(long revision) {
    return prefix + LogStore.digits(revision);
  }

  private record StoredDecisions(int format, String decisions) {}

  /** A branch; its tables are an index into the shared maps. */
  record StoredBranch(String name, long incarnation, long head, int tables) {}

  record StoredConsumed(String id, long begun, long revision) {}

  /** The JSON form: table maps shared by branches stand once, long lists are {@link Packed}. */
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
      DecidedBefore.Stored decisions,
      List<StoredConsumed> consumed,
      long timesFrom,
      String times,
      String parents,
      String starts,
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
          DecidedBefore.Stored.of(state.decisions().all()),
          consumed,
          state.timesFrom(),
          Packed.longs(state.times().toArray()),
          Packed.longs(state.parents().toArray()),
          Packed.longs(state.starts().toArray()),
          state.deleted());
    }

    DatabaseState state(Supplier<List<Decision>> decided) {
      if (format != FORMAT) {
        throw new CorruptRecordException(
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
      return new DatabaseState(
          incarnation,
          revision,
          settings,
          named,
          floor,
          stagedFloor,
          Set.copyOf(renewed),
          Decisions.of(decisions.load(decided), decisionsFloor),
          used,
          timesFrom,
          Packed.longs(times),
          Packed.longs(parents),
          Packed.longs(starts),
          deleted);
    }
  }
}
