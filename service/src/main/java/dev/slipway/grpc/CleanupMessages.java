package dev.slipway.grpc;

import dev.slipway.engine.CleanupListener;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CleanupRow;
import dev.slipway.v1.CleanupFiles;
import dev.slipway.v1.CleanupFloors;
import dev.slipway.v1.CleanupResponse;
import dev.slipway.v1.CleanupSummary;
import dev.slipway.v1.CleanupTable;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Passes on what a cleanup says, as messages. */
final class CleanupMessages implements CleanupListener {
  private static final int FILES = 1_000;

  private final Consumer<CleanupResponse> push;

  CleanupMessages(Consumer<CleanupResponse> push) {
    this.push = push;
  }

  @Override
  public void floors(long floor, long stagedFloor) {
    push.accept(CleanupResponse.newBuilder().setFloors(message(floor, stagedFloor)).build());
  }

  @Override
  public void row(CleanupRow row) {
    files(row.tableId(), row.deleted(), CleanupFiles.Builder::addAllDeleted);
    files(row.tableId(), row.candidates(), CleanupFiles.Builder::addAllCandidates);
    CleanupTable.Builder table =
        CleanupTable.newBuilder()
            .setTableId(row.tableId())
            .setTable(row.table())
            .setVersions(row.versions())
            .setDeletedFiles(row.deleted().size())
            .setCandidateFiles(row.candidates().size())
            .setPurged(row.purged())
            .setPurgeable(row.purgeable());
    row.failure()
        .ifPresent(
            failure ->
                table
                    .setFailureReason(failure.reason().name())
                    .setFailureMessage(String.valueOf(failure.getMessage())));
    push.accept(CleanupResponse.newBuilder().setTable(table).build());
  }

  private void files(
      String table, List<String> files, BiConsumer<CleanupFiles.Builder, List<String>> add) {
    for (int from = 0; from < files.size(); from += FILES) {
      CleanupFiles.Builder some = CleanupFiles.newBuilder().setTableId(table);
      add.accept(some, files.subList(from, Math.min(files.size(), from + FILES)));
      push.accept(CleanupResponse.newBuilder().setFiles(some).build());
    }
  }

  static CleanupSummary summary(CleanupReport report) {
    return CleanupSummary.newBuilder()
        .setDryRun(report.dryRun())
        .setRevision(report.revision())
        .setFloors(message(report.floor(), report.stagedFloor()))
        .setTables(report.tables())
        .setFailedTables(report.failedTables())
        .setDeletedFiles(report.deletedFiles())
        .setCandidateFiles(report.candidateFiles())
        .setPurgedTables(report.purgedHomes())
        .setStagedWrites(report.stagedWrites())
        .setLogRecords(report.logRecords())
        .setCheckpoints(report.checkpoints())
        .addAllProblems(report.problems())
        .build();
  }

  private static CleanupFloors message(long floor, long stagedFloor) {
    return CleanupFloors.newBuilder().setHistoryFloor(floor).setStagedFloor(stagedFloor).build();
  }
}
