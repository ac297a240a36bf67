package dev.slipway.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.engine.Conflict;
import dev.slipway.engine.Outcome;
import dev.slipway.v1.AbortedOutcome;
import dev.slipway.v1.CommitConflict;
import dev.slipway.v1.CommitConflicts;
import dev.slipway.v1.CommitInfo;
import dev.slipway.v1.CommitOutcome;
import dev.slipway.v1.ConflictKind;
import dev.slipway.v1.GetCommitOutcomeResponse;
import dev.slipway.v1.TableChange;
import java.util.List;

/** Commits, conflicts and outcomes as messages. */
final class CommitMessages {
  private static final int SHOWN_CONFLICTS = 10;

  private CommitMessages() {}

  static CommitInfo commit(dev.slipway.engine.CommitInfo commit) {
    CommitInfo.Builder message =
        CommitInfo.newBuilder()
            .setRevision(commit.revision())
            .setBranch(commit.branch())
            .setCommitTime(Times.timestamp(commit.time()))
            .setMessage(commit.message())
            .putAllProperties(commit.properties())
            .setActor(commit.actor())
            .setRequestId(commit.requestId().orElse(""))
            .addAllTables(tables(commit))
            .setParentRevision(commit.parentRevision());
    commit
        .recovered()
        .ifPresent(recovered -> message.setRecovered(MaintenanceMessages.recovered(recovered)));
    return message.build();
  }

  static List<TableChange> tables(dev.slipway.engine.CommitInfo commit) {
    return commit.tables().stream().map(CommitMessages::change).toList();
  }

  static TableChange change(dev.slipway.engine.CommitInfo.TableChange change) {
    return TableChange.newBuilder()
        .setName(change.name())
        .setFromVersion(change.from())
        .setToVersion(change.to())
        .setRowsAdded(change.rowsAdded())
        .setRowsRemoved(change.rowsRemoved())
        .setRebased(change.rebased())
        .setPreviousName(change.previousName().orElse(""))
        .build();
  }

  static GetCommitOutcomeResponse outcome(Outcome outcome) {
    GetCommitOutcomeResponse.Builder message = GetCommitOutcomeResponse.newBuilder();
    if (outcome instanceof Outcome.Committed committed) {
      message.setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED).setRevision(committed.revision());
    } else if (outcome instanceof Outcome.Aborted aborted) {
      message
          .setOutcome(CommitOutcome.COMMIT_OUTCOME_ABORTED)
          .setAborted(
              AbortedOutcome.newBuilder()
                  .setReason(aborted.reason().name())
                  .setMessage(aborted.message())
                  .setConflicts(conflicts(aborted.conflicts()))
                  .setRevision(aborted.revision()));
    } else if (outcome instanceof Outcome.InProgress) {
      message.setOutcome(CommitOutcome.COMMIT_OUTCOME_IN_PROGRESS);
    } else {
      message.setOutcome(CommitOutcome.COMMIT_OUTCOME_NOT_FOUND);
    }
    return message.build();
  }

  static CommitConflicts conflicts(List<Conflict> conflicts) {
    CommitConflicts.Builder message = CommitConflicts.newBuilder().setTotal(conflicts.size());
    conflicts.stream()
        .limit(SHOWN_CONFLICTS)
        .map(CommitMessages::conflict)
        .forEach(message::addConflicts);
    return message.build();
  }

  private static CommitConflict conflict(Conflict conflict) {
    return CommitConflict.newBuilder()
        .setTable(Shortened.value(conflict.table(), ErrorMapper.MAX_VALUE_CHARACTERS))
        .setKind(
            switch (conflict.kind()) {
              case BRANCH -> ConflictKind.CONFLICT_KIND_BRANCH;
              case TABLE_CHANGED -> ConflictKind.CONFLICT_KIND_TABLE_CHANGED;
              case SCHEMA_CHANGED -> ConflictKind.CONFLICT_KIND_SCHEMA_CHANGED;
              case TABLE_DROPPED -> ConflictKind.CONFLICT_KIND_TABLE_DROPPED;
              case TABLE_EXISTS -> ConflictKind.CONFLICT_KIND_TABLE_EXISTS;
              case EXPECTATION -> ConflictKind.CONFLICT_KIND_EXPECTATION;
            })
        .setExpected(Shortened.value(conflict.expected(), ErrorMapper.MAX_VALUE_CHARACTERS))
        .setActual(Shortened.value(conflict.actual(), ErrorMapper.MAX_VALUE_CHARACTERS))
        .setWinnerRevision(conflict.winner())
        .build();
  }

  /** The detail with fewer conflicts, until it fits; any other detail as it is. */
  static Any fitted(Any detail, int room) {
    if (!detail.is(CommitConflicts.class)) {
      return detail;
    }
    try {
      CommitConflicts.Builder conflicts = detail.unpack(CommitConflicts.class).toBuilder();
      Any packed = detail;
      while (packed.getSerializedSize() > room && conflicts.getConflictsCount() > 0) {
        conflicts.removeConflicts(conflicts.getConflictsCount() - 1);
        packed = Any.pack(conflicts.build());
      }
      return packed;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a detail just packed can't be unpacked", e);
    }
  }
}
