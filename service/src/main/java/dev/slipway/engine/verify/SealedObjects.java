package dev.slipway.engine.verify;

import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.Keys;
import dev.slipway.engine.log.Layout;
import dev.slipway.engine.log.Layout.Folder;
import dev.slipway.engine.log.SealedJson;
import dev.slipway.storage.MetadataStore;
import java.util.Map;
import java.util.Optional;

/**
 * Looks whether the small objects beside a log, which nobody reads until they matter, are what was
 * written: verdicts, candidates of cleanups, a database's format. Used by one thread, once.
 */
final class SealedObjects {
  private static final int FORMAT = 1;

  private final MetadataStore store;
  private final String home;
  private final Findings findings;

  /**
   * @param home of the log
   */
  SealedObjects(MetadataStore store, String home, Findings findings) {
    this.store = store;
    this.home = home;
    this.findings = findings;
  }

  /** What lies in folders beside the log. */
  void folders() {
    folder(Folder.VERDICTS, "restore it: without the verdict its record stops the log");
    folder(Folder.CANDIDATES, "cleanups pass it over, and note anew what is still unreferenced");
  }

  private void folder(Folder folder, String advice) {
    Keys.forEach(
        store,
        folder.in(home),
        key -> {
          findings.cancel().check();
          var unused = read(key, advice);
        });
  }

  /** A database's {@code format.json}. */
  void format(String incarnation) {
    String key = Layout.format(home);
    if (store.get(key).isEmpty()) {
      findings.add(
          Kind.MISSING_RECORD, 0, key, "it is gone: without it the database can't be opened");
      return;
    }
    read(key, "restore it: without it the database can't be opened")
        .map(found -> found.get("incarnation"))
        .filter(found -> !incarnation.equals(found))
        .ifPresent(
            found ->
                findings.add(Kind.CORRUPT_RECORD, 0, key, "it is of another database, " + found));
  }

  /** Empty if it is gone or damaged. */
  private Optional<Map<?, ?>> read(String key, String advice) {
    try {
      return store.get(key).map(bytes -> SealedJson.open(key, bytes, Map.class, FORMAT));
    } catch (CorruptRecordException e) {
      findings.add(Kind.CORRUPT_RECORD, 0, e.key(), e.getMessage() + "; " + advice);
      return Optional.empty();
    }
  }
}
