package dev.slipway.grpc;

import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.RecoveryInfo;
import dev.slipway.engine.RecoveryReport;
import dev.slipway.engine.SlipwayException;
import dev.slipway.v1.CheckpointFailure;
import dev.slipway.v1.DatabaseCondition;
import dev.slipway.v1.DatabaseStatus;
import dev.slipway.v1.Finding;
import dev.slipway.v1.FindingKind;
import dev.slipway.v1.FindingSeverity;
import dev.slipway.v1.RecoverResponse;
import dev.slipway.v1.Recovered;
import dev.slipway.v1.Recovery;
import dev.slipway.v1.RecoveryOutcome;
import dev.slipway.v1.UnresolvedIntent;
import dev.slipway.v1.VerifySummary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Recoveries, statuses and findings as messages. */
final class MaintenanceMessages {
  private MaintenanceMessages() {}

  static RecoverResponse report(RecoveryReport report) {
    return RecoverResponse.newBuilder()
        .setResolved(report.resolved())
        .addAllPending(intents(report.pending()))
        .addAllQuarantined(intents(report.quarantined()))
        .build();
  }

  private static List<UnresolvedIntent> intents(Map<String, String> intents) {
    return new TreeMap<>(intents)
        .entrySet().stream()
            .map(
                intent ->
                    UnresolvedIntent.newBuilder()
                        .setId(intent.getKey())
                        .setReason(intent.getValue())
                        .build())
            .toList();
  }

  static Recovered recovered(RecoveredInfo recovered) {
    return Recovered.newBuilder()
        .setOutcome(
            switch (recovered.outcome()) {
              case ROLLED_FORWARD -> RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_FORWARD;
              case ROLLED_BACK -> RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_BACK;
            })
        .setBy(recovered.by())
        .setBegunRevision(recovered.begun())
        .build();
  }

  static Recovery recovery(RecoveryInfo recovery) {
    return Recovery.newBuilder()
        .setRevision(recovery.revision())
        .setRecovered(recovered(recovery.recovered()))
        .setOwner(recovery.recovered().owner())
        .setOperationId(recovery.operationId())
        .setRequestId(recovery.requestId().orElse(""))
        .setActor(recovery.actor())
        .setBranch(recovery.branch())
        .setRecoverTime(Times.timestamp(recovery.time()))
        .setReason(recovery.reason().map(Enum::name).orElse(""))
        .setMessage(recovery.message())
        .addAllTables(recovery.tables().stream().map(CommitMessages::change).toList())
        .build();
  }

  static DatabaseStatus status(dev.slipway.engine.DatabaseStatus status) {
    DatabaseStatus.Builder message =
        DatabaseStatus.newBuilder()
            .setDatabase(
                TableMessages.database(status.database()).toBuilder()
                    .setHeadRevision(status.head()))
            .setCondition(
                status.condition().readOnly().isPresent()
                    ? DatabaseCondition.DATABASE_CONDITION_READ_ONLY
                    : DatabaseCondition.DATABASE_CONDITION_SERVING)
            .setProblem(status.condition().readOnly().orElse(""))
            .setHistoryFloor(status.historyFloor())
            .setStagedFloor(status.stagedFloor())
            .setIdempotencyFloor(status.idempotencyFloor())
            .setCheckpointRevision(status.checkpoint())
            .setCheckpoints(status.checkpoints())
            .setBranches(status.branches())
            .setTables(status.tables())
            .setInFlightIntents(status.inFlight())
            .addAllPendingIntentIds(status.pending())
            .addAllQuarantinedIntents(intents(status.condition().quarantined()));
    status
        .condition()
        .checkpoint()
        .ifPresent(
            failure ->
                message.setCheckpointFailure(
                    CheckpointFailure.newBuilder()
                        .setSinceTime(Times.timestamp(failure.since()))
                        .setRevision(failure.revision())
                        .setReason(failure.reason())));
    status.changed().ifPresent(time -> message.setHeadTime(Times.timestamp(time)));
    return message.build();
  }

  static DatabaseStatus unavailable(DatabaseInfo info, SlipwayException why) {
    return DatabaseStatus.newBuilder()
        .setDatabase(TableMessages.database(info))
        .setCondition(DatabaseCondition.DATABASE_CONDITION_UNAVAILABLE)
        .setProblem(why.reason() + ": " + why.getMessage())
        .build();
  }

  static Finding finding(dev.slipway.engine.Finding finding) {
    return Finding.newBuilder()
        .setSeverity(
            switch (finding.kind().severity()) {
              case NOTICE -> FindingSeverity.FINDING_SEVERITY_NOTICE;
              case PROBLEM -> FindingSeverity.FINDING_SEVERITY_PROBLEM;
            })
        .setKind(FindingKind.valueOf("FINDING_KIND_" + finding.kind().name()))
        .setTable(finding.table())
        .setRevision(finding.revision())
        .setResource(finding.resource())
        .setMessage(finding.message())
        .build();
  }

  static VerifySummary summary(dev.slipway.engine.VerifySummary summary) {
    return VerifySummary.newBuilder()
        .setHeadRevision(summary.head())
        .setRecords(summary.records())
        .setCheckpoints(summary.checkpoints())
        .setVersions(summary.versions())
        .setFiles(summary.files())
        .setBytes(summary.bytes())
        .setRows(summary.rows())
        .setIntents(summary.intents())
        .setProblems(summary.problems())
        .setNotices(summary.notices())
        .build();
  }
}
