package dev.slipway.grpc;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.CleanupPolicy;
import dev.slipway.engine.CleanupReport;
import dev.slipway.engine.CommitInfo.RecoveredInfo;
import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Finding;
import dev.slipway.engine.ReclaimReport;
import dev.slipway.engine.RecoveryFilter;
import dev.slipway.engine.RecoveryInfo;
import dev.slipway.engine.RecoveryPage;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.VerifyListener;
import dev.slipway.engine.VerifySummary;
import dev.slipway.v1.CleanupRequest;
import dev.slipway.v1.CleanupResponse;
import dev.slipway.v1.DatabaseStatus;
import dev.slipway.v1.GetStatusRequest;
import dev.slipway.v1.GetStatusResponse;
import dev.slipway.v1.ListRecoveriesRequest;
import dev.slipway.v1.ListRecoveriesResponse;
import dev.slipway.v1.MaintenanceServiceGrpc;
import dev.slipway.v1.ReclaimDatabasesRequest;
import dev.slipway.v1.ReclaimDatabasesResponse;
import dev.slipway.v1.RecoverRequest;
import dev.slipway.v1.RecoverResponse;
import dev.slipway.v1.RecoveryOutcome;
import dev.slipway.v1.VerifyProgress;
import dev.slipway.v1.VerifyRequest;
import dev.slipway.v1.VerifyResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What operators ask. */
final class MaintenanceEndpoint extends MaintenanceServiceGrpc.MaintenanceServiceImplBase {
  private final Databases databases;
  private final Calls calls;

  MaintenanceEndpoint(Databases databases, Calls calls) {
    this.databases = databases;
    this.calls = calls;
  }

  private Database database(CallContext context, String name) {
    return databases.database(context, Arguments.required("database", name));
  }

  @Override
  public void recover(RecoverRequest request, StreamObserver<RecoverResponse> observer) {
    calls.unary(
        observer,
        "",
        context ->
            MaintenanceMessages.report(database(context, request.getDatabase()).recover(context)));
  }

  @Override
  public void listRecoveries(
      ListRecoveriesRequest request, StreamObserver<ListRecoveriesResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          int size = Arguments.pageSize(request.getPageSize());
          RecoveryFilter filter =
              new RecoveryFilter(
                  outcome(request.getOutcome()),
                  Arguments.optional(request.getBranch()),
                  request.hasStartTime()
                      ? Optional.of(time("start_time", request.getStartTime()))
                      : Optional.empty(),
                  request.hasEndTime()
                      ? Optional.of(time("end_time", request.getEndTime()))
                      : Optional.empty());
          String listing = "recoveries of " + request.getDatabase() + ", " + filter;
          PageToken page = PageToken.read(listing, request.getPageToken());
          long before = page.equals(PageToken.FIRST) ? Long.MAX_VALUE : page.revision();
          RecoveryPage found =
              database(context, request.getDatabase()).recoveries(context, filter, before, size);
          ListRecoveriesResponse.Builder answer = ListRecoveriesResponse.newBuilder();
          for (RecoveryInfo recovery : found.recoveries()) {
            answer.addRecoveries(MaintenanceMessages.recovery(recovery));
          }
          if (found.next() > 0) {
            answer.setNextPageToken(new PageToken(found.next(), "").write(listing));
          }
          return answer.build();
        });
  }

  private static Optional<RecoveredInfo.Outcome> outcome(RecoveryOutcome wanted) {
    return switch (wanted) {
      case RECOVERY_OUTCOME_UNSPECIFIED -> Optional.empty();
      case RECOVERY_OUTCOME_ROLLED_FORWARD -> Optional.of(RecoveredInfo.Outcome.ROLLED_FORWARD);
      case RECOVERY_OUTCOME_ROLLED_BACK -> Optional.of(RecoveredInfo.Outcome.ROLLED_BACK);
      case UNRECOGNIZED -> throw Arguments.invalid("outcome", "an outcome that there is");
    };
  }

  private static Instant time(String field, Timestamp time) {
    if (!Timestamps.isValid(time)) {
      throw Arguments.invalid(field, "a time in the years 1 to 9999");
    }
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  @Override
  public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          int size = Arguments.pageSize(request.getPageSize());
          PageToken page = PageToken.read("statuses", request.getPageToken());
          GetStatusResponse.Builder answer = GetStatusResponse.newBuilder();
          if (!request.getDatabase().isEmpty()) {
            return answer.addDatabases(status(context, request.getDatabase())).build();
          }
          List<DatabaseInfo> found =
              new ArrayList<>(databases.list(context, page.after(), size + 1));
          boolean more = found.size() > size;
          for (DatabaseInfo info : found.subList(0, Math.min(size, found.size()))) {
            context.cancel().check();
            statusOf(context, info).ifPresent(answer::addDatabases);
          }
          if (more) {
            answer.setNextPageToken(new PageToken(0, found.get(size - 1).name()).write("statuses"));
          }
          return answer.build();
        });
  }

  private DatabaseStatus status(CallContext context, String name) {
    try {
      return MaintenanceMessages.status(databases.database(context, name).status(context));
    } catch (SlipwayException e) {
      if (isOfTheCall(e)) {
        throw e;
      }
      return databases.list(context, "", Integer.MAX_VALUE).stream()
          .filter(database -> database.name().equals(name))
          .findFirst()
          .map(info -> MaintenanceMessages.unavailable(info, e))
          .orElseThrow(() -> e);
    }
  }

  /** Whether a failure says nothing of the database. */
  private static boolean isOfTheCall(SlipwayException e) {
    return switch (e.reason()) {
      case DATABASE_NOT_FOUND, CANCELLED, DEADLINE, SHUTTING_DOWN -> true;
      default -> false;
    };
  }

  /** Empty if it is dropped while we look. */
  private Optional<DatabaseStatus> statusOf(CallContext context, DatabaseInfo info) {
    try {
      return Optional.of(
          MaintenanceMessages.status(databases.database(context, info.name()).status(context)));
    } catch (SlipwayException e) {
      if (e.reason() == ErrorReason.DATABASE_NOT_FOUND) {
        return Optional.empty();
      }
      if (isOfTheCall(e)) {
        throw e;
      }
      return Optional.of(MaintenanceMessages.unavailable(info, e));
    }
  }

  @Override
  public void verify(VerifyRequest request, StreamObserver<VerifyResponse> observer) {
    calls.pushed(
        observer,
        (context, push) -> {
          VerifySummary summary =
              request.getDatabase().isEmpty()
                  ? databases.verifyCatalog(context, new Told(push))
                  : database(context, request.getDatabase())
                      .verify(context, request.getDeep(), new Told(push));
          push.accept(
              VerifyResponse.newBuilder().setSummary(MaintenanceMessages.summary(summary)).build());
        });
  }

  @Override
  public void cleanup(CleanupRequest request, StreamObserver<CleanupResponse> observer) {
    calls.pushed(
        observer,
        (context, push) -> {
          CleanupPolicy policy = policy(request.getPolicy());
          CleanupReport report =
              database(context, request.getDatabase())
                  .cleanup(context, policy, request.getDryRun(), new CleanupMessages(push));
          push.accept(
              CleanupResponse.newBuilder().setSummary(CleanupMessages.summary(report)).build());
        });
  }

  @Override
  public void reclaimDatabases(
      ReclaimDatabasesRequest request, StreamObserver<ReclaimDatabasesResponse> observer) {
    calls.maintenance(
        observer,
        context -> {
          Duration grace =
              request.hasGrace()
                  ? duration("grace", request.getGrace())
                  : CleanupPolicy.DEFAULT.grace();
          if (grace.isNegative()) {
            throw Arguments.invalid("grace", "a duration of 0 s or more");
          }
          ReclaimReport report = databases.reclaim(context, grace, request.getDryRun());
          return ReclaimDatabasesResponse.newBuilder()
              .setDryRun(report.dryRun())
              .addAllReclaimedIds(report.reclaimed())
              .addAllCandidateIds(report.candidates())
              .putAllFailed(report.failed())
              .build();
        });
  }

  private static CleanupPolicy policy(dev.slipway.v1.CleanupPolicy given) {
    CleanupPolicy defaults = CleanupPolicy.DEFAULT;
    return new CleanupPolicy(
        given.hasKeepRevisions() ? given.getKeepRevisions() : defaults.keepRevisions(),
        given.hasOlderThan()
            ? duration("policy.older_than", given.getOlderThan())
            : defaults.olderThan(),
        given.hasGrace() ? duration("policy.grace", given.getGrace()) : defaults.grace());
  }

  private static Duration duration(String field, com.google.protobuf.Duration given) {
    if (!Durations.isValid(given)) {
      throw Arguments.invalid(field, "a duration of 0 s or more");
    }
    return Duration.ofSeconds(given.getSeconds(), given.getNanos());
  }

  /** Passes on what a check says. */
  private static final class Told implements VerifyListener {
    private final Consumer<VerifyResponse> push;

    Told(Consumer<VerifyResponse> push) {
      this.push = push;
    }

    @Override
    public void found(Finding finding) {
      push.accept(
          VerifyResponse.newBuilder().setFinding(MaintenanceMessages.finding(finding)).build());
    }

    @Override
    public void progress(String phase, long done, long total) {
      push.accept(
          VerifyResponse.newBuilder()
              .setProgress(
                  VerifyProgress.newBuilder().setPhase(phase).setDone(done).setTotal(total))
              .build());
    }
  }
}
