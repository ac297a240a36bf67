package dev.slipway.engine.database;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.cleanup.ClockCheck;
import dev.slipway.engine.cleanup.FolderSweep;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.Micros;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reclaims the folders that no entry of the catalog names: the same two steps as for files. */
final class DroppedDatabases {
  private final EngineParts parts;
  private final Catalog catalog;

  DroppedDatabases(EngineParts parts, Catalog catalog) {
    this.parts = parts;
    this.catalog = catalog;
  }

  ReclaimReport reclaim(CallContext context, Duration grace, boolean dryRun) {
    if (grace.isNegative()) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID, "a grace period is 0 s or more, found %s", grace)
          .with("field", "grace");
    }
    CatalogState state = catalog.now();
    // After what it is compared with: reading the catalog may have taken long.
    long now = Micros.now(parts.clock());
    ClockCheck.require(state.time(), now);
    long floor = floor(state, grace, now);
    if (!dryRun && floor > state.floor()) {
      floor =
          catalog
              .append(
                  state.revision(),
                  context.actor(),
                  null,
                  null,
                  (at, header) -> {
                    long raised = floor(at, grace, now);
                    return raised > at.floor()
                        ? Optional.of(new LogEntry.HistoryExpired(header, 0, raised, List.of()))
                        : Optional.empty();
                  })
              .floor();
    }
    return new FolderSweep(parts.backend(), parts.failures(), context, floor, dryRun, this::head)
        .run();
  }

  private static long floor(CatalogState state, Duration grace, long now) {
    long wanted =
        grace.isZero() ? state.revision() + 1 : state.revisionAt(now - ClockCheck.micros(grace));
    return Math.max(state.floor(), wanted);
  }

  private FolderSweep.Head head() {
    CatalogState state = catalog.now();
    Set<String> named =
        state.databases().values().stream().map(DatabaseInfo::id).collect(Collectors.toSet());
    return new FolderSweep.Head(state.revision(), named);
  }
}
