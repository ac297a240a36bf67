package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Duration;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.commit.IntentStore;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.fault.FailureInjector;
import dev.slipway.engine.log.LogStore;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.v1.CheckpointFailure;
import dev.slipway.v1.CleanupPolicy;
import dev.slipway.v1.CleanupRequest;
import dev.slipway.v1.CleanupResponse;
import dev.slipway.v1.DatabaseCondition;
import dev.slipway.v1.DatabaseStatus;
import dev.slipway.v1.FindingKind;
import dev.slipway.v1.FindingSeverity;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.GetStatusRequest;
import dev.slipway.v1.ListRecoveriesRequest;
import dev.slipway.v1.ListRecoveriesResponse;
import dev.slipway.v1.RecoverRequest;
import dev.slipway.v1.RecoverResponse;
import dev.slipway.v1.RecoveryOutcome;
import dev.slipway.v1.VerifyRequest;
import dev.slipway.v1.VerifyResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Recover, ListRecoveries, GetStatus, Verify and Cleanup as clients see them. */
@ExtendWith(QuietLogs.class)
final class MaintenanceServiceTest {
  @TempDir Path folder;

  private final AtomicInteger failing = new AtomicInteger();
  private GrpcFixture fixture;

  @BeforeEach
  void start() {
    FailureInjector breaks =
        point -> {
          if (point == FailPoint.COMMIT_AFTER_TABLES
              && failing.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0) {
            throw StorageException.of(StorageErrorCode.UNAVAILABLE, "injected");
          }
        };
    fixture =
        new GrpcFixture(
                EngineFixture.open(BackendKind.MEMORY, folder, breaks, EngineOptions.DEFAULT),
                GrpcOptions.DEFAULT)
            .withPerson();
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private void append(String request, int id) {
    fixture.write(
        write(
            "{header: {database: 'crm', table: 'person', append: {}}, options: {request_id: '"
                + request
                + "'}, rows: [{id: "
                + id
                + "}]}"));
  }

  private void cutOff(String request, int id) {
    failing.set(1);
    assertThat(catchThrowableOfType(StatusRuntimeException.class, () -> append(request, id)))
        .isNotNull();
  }

  private DatabaseStatus status() {
    return fixture
        .maintenance()
        .getStatus(GetStatusRequest.newBuilder().setDatabase("crm").build())
        .getDatabases(0);
  }

  private List<VerifyResponse> verify(boolean deep) {
    List<VerifyResponse> steps = new ArrayList<>();
    fixture
        .maintenance()
        .verify(VerifyRequest.newBuilder().setDatabase("crm").setDeep(deep).build())
        .forEachRemaining(steps::add);
    return steps;
  }

  private ServingStatus health(String name) {
    return HealthGrpc.newBlockingStub(fixture.channel())
        .check(HealthCheckRequest.newBuilder().setService(name).build())
        .getStatus();
  }

  private String home() {
    return "db/"
        + fixture
            .databases()
            .getDatabase(GetDatabaseRequest.newBuilder().setDatabase("crm").build())
            .getDatabase()
            .getId();
  }

  @Test
  void recover_ofCutOffCommits_resolvesThemAndTheyAreListedInPages() {
    for (int i = 0; i < 3; i++) {
      cutOff("lost-" + i, i);
      assertThat(status().getPendingIntentIdsCount()).isEqualTo(1);
      RecoverResponse report =
          fixture.maintenance().recover(RecoverRequest.newBuilder().setDatabase("crm").build());
      assertThat(report).isEqualTo(RecoverResponse.newBuilder().setResolved(1).build());
    }
    assertThat(status().getPendingIntentIdsCount()).isZero();

    ListRecoveriesRequest.Builder request =
        ListRecoveriesRequest.newBuilder().setDatabase("crm").setPageSize(2);
    ListRecoveriesResponse first = fixture.maintenance().listRecoveries(request.build());
    assertThat(first.getRecoveriesList())
        .extracting(recovery -> recovery.getRequestId())
        .containsExactly("lost-2", "lost-1");
    assertThat(first.getRecoveries(0).getRecovered().getOutcome())
        .isEqualTo(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_FORWARD);
    assertThat(first.getRecoveries(0).getTables(0).getRowsAdded()).isEqualTo(1);
    ListRecoveriesResponse second =
        fixture
            .maintenance()
            .listRecoveries(request.setPageToken(first.getNextPageToken()).build());
    assertThat(second.getRecoveriesList())
        .extracting(recovery -> recovery.getRequestId())
        .containsExactly("lost-0");

    Failures.assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .maintenance()
                .listRecoveries(
                    request.setOutcome(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_BACK).build()));
    assertThat(
            fixture
                .maintenance()
                .listRecoveries(request.clearPageToken().build())
                .getRecoveriesList())
        .isEmpty();
  }

  @Test
  void status_ofHealthyQuarantinedAndReadOnlyDatabases_tellsAndShowsInHealth() {
    append("one", 1);
    assertThat(status().getCondition()).isEqualTo(DatabaseCondition.DATABASE_CONDITION_SERVING);
    assertThat(status().getDatabase().getHeadRevision()).isEqualTo(2);
    assertThat(status().getTables()).isEqualTo(1);
    assertThat(health("crm/writes")).isEqualTo(ServingStatus.SERVING);
    assertThat(health("crm/intents")).isEqualTo(ServingStatus.SERVING);

    MetadataStore store = fixture.engine().backend().metadata();
    store.putIfAbsent(
        new IntentStore(store, home()).key("01x"), "{}".getBytes(StandardCharsets.UTF_8));
    RecoverResponse report =
        fixture.maintenance().recover(RecoverRequest.newBuilder().setDatabase("crm").build());
    assertThat(report.getQuarantined(0).getId()).isEqualTo("01x");
    assertThat(status().getQuarantinedIntents(0).getId()).isEqualTo("01x");
    assertThat(health("crm")).isEqualTo(ServingStatus.SERVING);
    assertThat(health("crm/intents")).isEqualTo(ServingStatus.NOT_SERVING);
    append("two", 2);

    String next = new LogStore(store, home()).key(4);
    store.putIfAbsent(next, "rubbish".getBytes(StandardCharsets.UTF_8));
    Failures.assertFails(
        ErrorReason.CORRUPT_RECORD, "read-only at revision 3", () -> append("three", 3));
    assertThat(status().getCondition()).isEqualTo(DatabaseCondition.DATABASE_CONDITION_READ_ONLY);
    assertThat(status().getProblem()).contains(next);
    assertThat(fixture.count("person")).isEqualTo(2);
    assertThat(health("crm")).isEqualTo(ServingStatus.SERVING);
    assertThat(health("crm/writes")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(health("")).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void status_whileNoCheckpointCanBeWritten_saysSinceWhenAndWhy_andShowsInHealth() {
    fixture.close();
    AtomicBoolean fails = new AtomicBoolean(true);
    FailureInjector breaks =
        point -> {
          if (point == FailPoint.CHECKPOINT_AFTER_PAGES && fails.get()) {
            throw StorageException.of(StorageErrorCode.UNAVAILABLE, "injected");
          }
        };
    EngineOptions defaults = EngineOptions.DEFAULT;
    EngineOptions options =
        new EngineOptions(
            defaults.newDatabases(),
            1,
            defaults.maxBatchCommits(),
            defaults.maxBatchBytes(),
            defaults.maxStagedWritesPerCommit(),
            defaults.maxTablesPerCommit(),
            defaults.publishAttempts(),
            defaults.answerAttempts(),
            defaults.refreshInterval(),
            EngineFixture.SMALL_PAGES);
    fixture =
        new GrpcFixture(
                EngineFixture.open(BackendKind.MEMORY, folder, breaks, options),
                GrpcOptions.DEFAULT)
            .withPerson();
    append("one", 1);
    fixture.engine().awaitIdle();

    CheckpointFailure failure = status().getCheckpointFailure();
    assertThat(failure.getRevision()).isEqualTo(status().getDatabase().getHeadRevision());
    assertThat(failure.getReason()).contains("injected");
    assertThat(failure.hasSinceTime()).isTrue();
    assertThat(health("crm/checkpoints")).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(health("crm/writes")).isEqualTo(ServingStatus.SERVING);

    fails.set(false);
    append("two", 2);
    fixture.engine().awaitIdle();
    assertThat(status().hasCheckpointFailure()).isFalse();
    assertThat(health("crm/checkpoints")).isEqualTo(ServingStatus.SERVING);
  }

  private List<VerifyResponse> verifyCatalog() {
    List<VerifyResponse> steps = new ArrayList<>();
    fixture.maintenance().verify(VerifyRequest.getDefaultInstance()).forEachRemaining(steps::add);
    return steps;
  }

  @Test
  void verify_withoutADatabase_checksTheCatalog() {
    List<VerifyResponse> well = verifyCatalog();
    VerifyResponse end = well.get(well.size() - 1);
    assertThat(end.getSummary().getProblems()).isZero();
    assertThat(end.getSummary().getRecords()).isEqualTo(1);

    MetadataStore store = fixture.engine().backend().metadata();
    String key = new LogStore(store, "catalog").key(1);
    byte[] bytes = store.get(key).orElseThrow();
    bytes[60] ^= 1;
    store.delete(key);
    store.putIfAbsent(key, bytes);

    List<VerifyResponse> damaged = verifyCatalog();
    assertThat(damaged.stream().filter(VerifyResponse::hasFinding).toList())
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.getFinding().getKind())
                  .isEqualTo(FindingKind.FINDING_KIND_CORRUPT_RECORD);
              assertThat(step.getFinding().getResource()).isEqualTo(key);
            });
    assertThat(damaged.get(damaged.size() - 1).getSummary().getProblems()).isEqualTo(1);
    // The database itself isn't harmed.
    assertThat(verify(false).stream().filter(VerifyResponse::hasFinding)).isEmpty();
  }

  @Test
  void verify_ofAWholeAndADamagedDatabase_streamsFindingsAndASummary() {
    append("one", 1);

    List<VerifyResponse> well = verify(true);
    VerifyResponse end = well.get(well.size() - 1);
    assertThat(end.getSummary().getProblems()).isZero();
    assertThat(end.getSummary().getRows()).isEqualTo(1);
    assertThat(well.stream().filter(VerifyResponse::hasProgress)).isNotEmpty();

    MetadataStore store = fixture.engine().backend().metadata();
    String key = new LogStore(store, home()).key(2);
    byte[] bytes = store.get(key).orElseThrow();
    bytes[60] ^= 1;
    store.delete(key);
    store.putIfAbsent(key, bytes);
    List<VerifyResponse> damaged = verify(false);
    assertThat(damaged.stream().filter(VerifyResponse::hasFinding).map(VerifyResponse::getFinding))
        .anySatisfy(
            finding -> {
              assertThat(finding.getSeverity()).isEqualTo(FindingSeverity.FINDING_SEVERITY_PROBLEM);
              assertThat(finding.getKind()).isEqualTo(FindingKind.FINDING_KIND_CORRUPT_RECORD);
              assertThat(finding.getResource()).isEqualTo(key);
              assertThat(finding.getRevision()).isEqualTo(2);
            });
    assertThat(damaged.get(damaged.size() - 1).getSummary().getProblems()).isPositive();
  }

  @Test
  void verify_ofNoDatabase_fails() {
    Failures.assertFails(
        ErrorReason.DATABASE_NOT_FOUND,
        "nope",
        () ->
            fixture
                .maintenance()
                .verify(VerifyRequest.newBuilder().setDatabase("nope").build())
                .hasNext());
  }

  @Test
  void cleanup_keepingOneRevision_tellsFloorsTablesAndASummary() {
    for (int i = 0; i < 3; i++) {
      append("append-" + i, i);
    }
    CleanupRequest.Builder request =
        CleanupRequest.newBuilder()
            .setDatabase("crm")
            .setPolicy(
                CleanupPolicy.newBuilder()
                    .setKeepRevisions(1)
                    .setOlderThan(Duration.getDefaultInstance())
                    .setGrace(Duration.getDefaultInstance()));
    List<CleanupResponse> dry = cleanup(request.setDryRun(true).build());
    assertThat(dry.get(dry.size() - 1).getSummary().getDryRun()).isTrue();
    assertThat(fixture.head()).isEqualTo(4);

    List<CleanupResponse> steps = cleanup(request.setDryRun(false).build());
    assertThat(steps.get(0).getFloors().getHistoryFloor()).isPositive();
    assertThat(steps.stream().filter(CleanupResponse::hasTable))
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.getTable().getTable()).isEqualTo("person");
              assertThat(step.getTable().getCandidateFiles()).isPositive();
            });
    assertThat(steps.get(steps.size() - 1).getSummary().getTables()).isEqualTo(1);
    Failures.assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "1 or more revisions",
        () -> cleanup(request.setPolicy(CleanupPolicy.newBuilder().setKeepRevisions(0)).build()));
  }

  private List<CleanupResponse> cleanup(CleanupRequest request) {
    List<CleanupResponse> steps = new ArrayList<>();
    fixture.maintenance().cleanup(request).forEachRemaining(steps::add);
    return steps;
  }
}
