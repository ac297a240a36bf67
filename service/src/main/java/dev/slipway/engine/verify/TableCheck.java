package dev.slipway.engine.verify;

import dev.slipway.engine.Finding.Kind;
import dev.slipway.engine.log.Pin;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.StorageBackend;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.VersionRef;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Opens what the log names of one table, and looks for its files. Used by one thread, once. */
final class TableCheck {
  private static final int BATCH_ROWS = 8_192;

  private final StorageBackend backend;
  private final TableId table;
  private final Findings findings;
  private final Map<String, Long> listed;
  private final Set<String> referenced = new HashSet<>();
  private final Set<String> reported = new HashSet<>();
  private long rows;
  private long versions;

  /**
   * @param listed files of the home with their sizes; versions younger than the listing may have
   *     others
   */
  TableCheck(StorageBackend backend, TableId table, Map<String, Long> listed, Findings findings) {
    this.backend = backend;
    this.table = table;
    this.listed = listed;
    this.findings = findings;
  }

  long rows() {
    return rows;
  }

  long versions() {
    return versions;
  }

  /**
   * @param retained whether a version is still to be read: the floor may pass it meanwhile
   */
  void versions(Map<VersionRef, Pins.Named> named, boolean deep, Predicate<Pins.Named> retained) {
    for (Pins.Named each : named.values()) {
      findings.cancel().check();
      versions++;
      try {
        version(each, deep);
      } catch (StorageException e) {
        if (isOutage(e.code())) {
          throw e;
        }
        if (retained.test(each)) {
          findings.add(
              e.code() == StorageErrorCode.MISSING_FILE
                  ? Kind.MISSING_FILE
                  : Kind.UNREADABLE_VERSION,
              name(each.pin()),
              each.revision(),
              "storage version " + each.pin().storage(),
              String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /** Whether the storage as a whole is in trouble, which proves nothing of the version. */
  private static boolean isOutage(StorageErrorCode code) {
    boolean ofTheStorage =
        code.category() == StorageErrorCode.Category.ENVIRONMENT
            && code != StorageErrorCode.INTERNAL;
    return ofTheStorage || code == StorageErrorCode.CANCELLED;
  }

  private void version(Pins.Named named, boolean deep) {
    Pin pin = named.pin();
    try (TableSnapshot snapshot = backend.tables().open(table, pin.ref())) {
      files(named, snapshot);
      long counted = backend.tables().count(snapshot, Optional.empty(), findings.cancel());
      if (counted != pin.rows()) {
        wrong(named, "it has " + counted + " rows, the log says " + pin.rows());
      }
      String fingerprint = SchemaRules.fingerprint(snapshot.schema());
      if (!fingerprint.equals(pin.fingerprint())) {
        wrong(named, "its schema is " + fingerprint + ", the log says " + pin.fingerprint());
      }
      if (deep) {
        long read = read(snapshot);
        rows += read;
        if (read != pin.rows()) {
          wrong(named, read + " rows were read, the log says " + pin.rows());
        }
      }
    }
  }

  private void wrong(Pins.Named named, String message) {
    findings.add(
        Kind.WRONG_CONTENT,
        name(named.pin()),
        named.revision(),
        "storage version " + named.pin().storage(),
        message);
  }

  private void files(Pins.Named named, TableSnapshot snapshot) {
    Set<String> needed = backend.tables().files(snapshot);
    Map<String, Long> recorded = backend.tables().recordedSizes(snapshot);
    Map<String, Long> there = sizes(needed);
    referenced.addAll(needed);
    for (String file : needed) {
      Long size = there.get(file);
      Long expected = recorded.get(file);
      if (size == null) {
        if (reported.add(file)) {
          findings.add(Kind.MISSING_FILE, name(named.pin()), named.revision(), file, "it is gone");
        }
      } else if (expected != null && !expected.equals(size) && reported.add(file)) {
        findings.add(
            Kind.WRONG_SIZE,
            name(named.pin()),
            named.revision(),
            file,
            "it has " + size + " bytes, the version recorded " + expected);
      }
    }
  }

  private long read(TableSnapshot snapshot) {
    ScanRequest all =
        new ScanRequest(
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            0,
            BATCH_ROWS,
            findings.cancel());
    long read = 0;
    try (ArrowReader reader = backend.tables().scan(snapshot, all)) {
      while (reader.loadNextBatch()) {
        read += reader.getVectorSchemaRoot().getRowCount();
      }
    } catch (IOException e) {
      throw new StorageException(
          StorageErrorCode.CORRUPT, "it can't be read: " + e.getMessage(), e);
    }
    return read;
  }

  /**
   * Files of a write that isn't committed yet are needed too.
   *
   * @param live whether the write can still be committed: it may have been meanwhile, or discarded
   */
  void staged(String id, StagedWrite write, BooleanSupplier live) {
    Set<String> needed = backend.tables().files(write);
    Map<String, Long> recorded = backend.tables().recordedSizes(write);
    referenced.addAll(needed);
    Map<String, Long> there = sizes(needed);
    for (String file : needed) {
      Long size = there.get(file);
      Long expected = recorded.get(file);
      if (size == null && live.getAsBoolean() && reported.add(file)) {
        findings.add(Kind.MISSING_FILE, table.table(), 0, file, "staged write " + id + " needs it");
      } else if (size != null && expected != null && !expected.equals(size) && reported.add(file)) {
        findings.add(
            Kind.WRONG_SIZE,
            table.table(),
            0,
            file,
            "it has " + size + " bytes, staged write " + id + " recorded " + expected);
      }
    }
  }

  /** As listed; anew if something has come since. */
  private Map<String, Long> sizes(Set<String> needed) {
    return listed.keySet().containsAll(needed) ? listed : backend.inlineResidual().fileSizes(table);
  }

  /** What is in the home and nothing has named. */
  void unreferenced(String name) {
    for (String file : listed.keySet()) {
      if (!referenced.contains(file)) {
        findings.add(
            Kind.UNREFERENCED, name, 0, file, "nothing names it: " + listed.get(file) + " bytes");
      }
    }
  }

  static String name(Pin pin) {
    return pin.name() + " (" + pin.table() + ")";
  }
}
