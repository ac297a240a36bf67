package dev.slipway.engine.database;

import dev.slipway.engine.AtRevision;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.ScanSpec;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableScan;
import dev.slipway.engine.commit.MovedTable;
import dev.slipway.engine.filter.FilterParser;
import dev.slipway.engine.log.Pin;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.storage.Rebase;
import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.TableSnapshot;
import dev.slipway.storage.TableStorage;
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.util.Optional;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scans and counts, each at one revision. */
final class Reads {
  private static final Logger LOG = LoggerFactory.getLogger(Reads.class);

  private final DatabaseCore core;
  private final StagedWrites stagedWrites;

  Reads(DatabaseCore core, StagedWrites stagedWrites) {
    this.core = core;
    this.stagedWrites = stagedWrites;
  }

  TableScan scan(CallContext context, String table, ReadAt at, ScanSpec spec) {
    Optional<Predicate> filter = spec.filter().map(FilterParser::parse);
    Revisions.Moment moment = core.revisions().resolve(context, at);
    TableSnapshot snapshot = snapshot(context, moment, table, at);
    try {
      ScanRequest request =
          new ScanRequest(
              spec.columns().isEmpty() ? Optional.empty() : Optional.of(spec.columns()),
              filter,
              spec.limit(),
              spec.offset(),
              spec.batchRows(),
              context.cancel());
      ArrowReader reader = core.backend().tables().scan(snapshot, request);
      return new Open(core, moment.revision(), snapshot, reader);
    } catch (RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }

  AtRevision<Long> count(CallContext context, String table, ReadAt at, Optional<String> filter) {
    Optional<Predicate> predicate = filter.map(FilterParser::parse);
    Revisions.Moment moment = core.revisions().resolve(context, at);
    try (TableSnapshot snapshot = snapshot(context, moment, table, at)) {
      return new AtRevision<>(
          moment.revision(), core.backend().tables().count(snapshot, predicate, context.cancel()));
    }
  }

  private TableSnapshot snapshot(
      CallContext context, Revisions.Moment moment, String table, ReadAt at) {
    Pin pin = core.pin(moment.branch(), table);
    if (at.point() instanceof ReadAt.Point.Staged staged) {
      return preview(context, moment, pin, staged.stagedWriteId());
    }
    return core.open(pin, moment.revision());
  }

  /** A version nobody will name, made from the staged write as a commit of it alone would be. */
  private TableSnapshot preview(CallContext context, Revisions.Moment moment, Pin pin, String id) {
    StagedRecord record = stagedWrites.live(id, moment.now());
    if (!record.tableId().equals(pin.table()) || !record.branch().equals(moment.branch().name())) {
      throw SlipwayException.of(
              ErrorReason.ARGUMENT_INVALID,
              "staged write %s is for table %s on branch %s",
              id,
              record.table(),
              record.branch())
          .with("field", "at.staged_write_id");
    }
    TableStorage tables = core.backend().tables();
    StagedWrite staged = tables.fromToken(record.token());
    if (!staged.base().equals(pin.ref())) {
      MovedTable.check(record, pin);
      try (TableSnapshot now = core.open(pin)) {
        staged =
            tables
                .rebase(staged, now, context.cancel())
                .fold(
                    Rebase.Moved::staged,
                    refused -> {
                      throw SlipwayException.of(
                          ErrorReason.INCOMPATIBLE_SCHEMA, "%s", refused.reason());
                    });
      }
    }
    return tables.open(core.tableId(pin), tables.commit(staged).ref());
  }

  /** An open scan with all it holds. */
  private static final class Open implements TableScan {
    private final long revision;
    private final TableSnapshot snapshot;
    private final ArrowReader reader;
    private final GuardedReader guarded;

    Open(DatabaseCore core, long revision, TableSnapshot snapshot, ArrowReader reader) {
      this.revision = revision;
      this.snapshot = snapshot;
      this.reader = reader;
      this.guarded = GuardedReader.over(reader, failure -> core.explained(failure, revision));
    }

    @Override
    public long revision() {
      return revision;
    }

    @Override
    public ArrowReader reader() {
      return guarded;
    }

    @Override
    public void close() {
      try {
        reader.close();
      } catch (IOException e) {
        LOG.warn("closing a scan at revision {}", revision, e);
      } finally {
        snapshot.close();
      }
    }
  }
}
