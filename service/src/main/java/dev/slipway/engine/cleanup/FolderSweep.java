package dev.slipway.engine.cleanup;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.cleanup.CandidateStore.Candidates;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.Layout;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lists the folders of databases, then asks for the names, and reclaims what two sweeps found
 * unnamed. Candidates stand under {@code catalog/cleanup/<revision>/<id>}, as those of tables do.
 * Holds the id of every database there ever was on the root.
 */
public final class FolderSweep {
  private static final Logger LOG = LoggerFactory.getLogger(FolderSweep.class);

  private final MetadataStore store;
  private final FolderReclaim reclaim;
  private final CandidateStore candidates;
  private final CallContext context;
  private final long floor;
  private final boolean dryRun;
  private final Supplier<Head> names;

  /**
   * What the catalog says.
   *
   * @param revision its head
   * @param named ids that a name means
   */
  public record Head(long revision, Set<String> named) {}

  /**
   * @param floor creations begun below this revision of the catalog can't come true
   * @param names gives the catalog's head
   */
  public FolderSweep(
      StorageBackend backend,
      FailureInjector failures,
      CallContext context,
      long floor,
      boolean dryRun,
      Supplier<Head> names) {
    this.store = backend.metadata();
    this.reclaim = new FolderReclaim(backend, failures);
    this.candidates = new CandidateStore(store, Layout.CATALOG);
    this.context = context;
    this.floor = floor;
    this.dryRun = dryRun;
    this.names = names;
  }

  public ReclaimReport run() {
    Map<String, List<Long>> earlier = candidates.index();
    List<String> folders = folders();
    Head head = names.get();
    List<String> reclaimed = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    Map<String, String> failed = new TreeMap<>();
    for (String id : folders) {
      if (head.named().contains(id)) {
        continue;
      }
      context.cancel().check();
      List<Long> found = earlier.getOrDefault(id, List.of());
      try {
        sweep(id, found, head.revision(), reclaimed, waiting);
      } catch (RuntimeException e) {
        LOG.warn("what is left of database {} stays for now", id, e);
        failed.put(id, String.valueOf(e.getMessage()));
      }
    }
    return new ReclaimReport(dryRun, reclaimed, waiting, failed);
  }

  private void sweep(
      String id, List<Long> found, long head, List<String> reclaimed, List<String> waiting) {
    boolean due = found.stream().anyMatch(revision -> revision < floor);
    if (reclaim.isDone(id)) {
      if (!dryRun) {
        reclaim.sweepUp(id);
      }
      forget(id, found);
    } else if (due) {
      if (!dryRun) {
        reclaim.run(id);
      }
      reclaimed.add(id);
      forget(id, found);
    } else {
      if (found.isEmpty() && !dryRun) {
        candidates.put(head, id, new Candidates(true, List.of()));
      }
      waiting.add(id);
    }
  }

  private void forget(String id, List<Long> found) {
    if (!dryRun) {
      found.forEach(revision -> candidates.delete(revision, id));
    }
  }

  /** One listing a folder: from each, straight to the next. */
  private List<String> folders() {
    List<String> ids = new ArrayList<>();
    List<String> next = store.list(Layout.DATABASES, "", 1);
    while (!next.isEmpty()) {
      String key = next.get(0);
      String id =
          key.substring(Layout.DATABASES.length(), key.indexOf('/', Layout.DATABASES.length()));
      ids.add(id);
      // Sorts after everything that a folder has.
      next = store.list(Layout.DATABASES, Layout.home(id) + "/z", 1);
    }
    return ids;
  }
}
