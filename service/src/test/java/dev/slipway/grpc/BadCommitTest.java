package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.grpc.GrpcFixture.stage;
import static dev.slipway.grpc.GrpcFixture.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.DiscardStagedWriteRequest;
import dev.slipway.v1.GetCommitOutcomeRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Staged writes and commits that can't be. */
final class BadCommitTest extends BadInput {

  @Test
  void commit_ofADiscardedStagedWrite_isRefused() {
    stageOne("s");
    fixture
        .staging()
        .discardStagedWrite(
            json("{database: 'crm', stagedWriteId: 's'}", DiscardStagedWriteRequest.newBuilder()));
    givenUp = 1;

    assertFails(
        ErrorReason.STAGED_WRITE_NOT_FOUND,
        "s",
        () -> commit("{database: 'crm', stagedWriteIds: ['s']}"));
    assertFails(
        ErrorReason.STAGED_WRITE_NOT_FOUND,
        "never",
        () -> commit("{database: 'crm', stagedWriteIds: ['never']}"));
  }

  @Test
  void commit_ofOneStagedWriteTwice_isRefused() {
    stageOne("s");
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "twice",
        () -> commit("{database: 'crm', stagedWriteIds: ['s', 's']}"));

    commit("{database: 'crm', stagedWriteIds: ['s']}");
    head++;
    assertFails(
        ErrorReason.STAGED_WRITE_COMMITTED,
        "revision " + head,
        () -> commit("{database: 'crm', stagedWriteIds: ['s']}"));
    assertFails(ErrorReason.STAGED_WRITE_COMMITTED, "revision " + head, () -> stageOne("s"));
  }

  @Test
  void stage_ofAnIdWithOtherContent_isRefused() {
    stageOne("s");

    assertFails(
        ErrorReason.STAGED_WRITE_EXISTS,
        "s",
        () ->
            fixture.stage(
                stage(
                    "{header: {database: 'crm', table: 'person', append: {}},"
                        + " stagedWriteId: 's', rows: [{id: 2}]}")));
    fixture
        .staging()
        .discardStagedWrite(
            json("{database: 'crm', stagedWriteId: 's'}", DiscardStagedWriteRequest.newBuilder()));
    // The refused one came with data, too: only then is it known to be other content.
    givenUp = 2;
  }

  @Test
  void write_ofARequestIdWithOtherContent_isRefused() {
    String header =
        "{header: {database: 'crm', table: 'person', append: {}}, options: {requestId: 'r'},";
    fixture.write(write(header + " rows: [{id: 1}]}"));
    head++;

    assertFails(
        ErrorReason.REQUEST_ID_REUSED,
        "r",
        () -> fixture.write(write(header + " rows: [{id: 2}]}")));
    assertFails(
        ErrorReason.REQUEST_ID_REUSED, "r", () -> commit("{database: 'crm', requestId: 'r'}"));
  }

  @Test
  void commit_ofExpectationsThatDoNotHold_isAConflict() {
    assertFails(
        ErrorReason.COMMIT_CONFLICT,
        "",
        () ->
            commit(
                "{database: 'crm', expectations: [{table: 'person', absent: true},"
                    + " {branchAtRevision: 99}]}"));
  }

  @Test
  void commit_ofExpectationsWithoutShape_isRefused() {
    for (String expectation :
        new String[] {
          "{}",
          "{table: 'person'}",
          "{exists: true}",
          "{table: 'person', exists: false}",
          "{table: 'person', branchAtRevision: 1}",
          "{branchAtRevision: -1}",
          "{table: 'person', atVersion: {}}",
          "{table: 'person', unchangedSinceRevision: -5}",
        }) {
      Map<String, String> metadata =
          assertFails(
              ErrorReason.ARGUMENT_INVALID,
              "expectations[0]",
              () -> commit("{database: 'crm', expectations: [" + expectation + "]}"));
      assertThat(metadata.get("field")).startsWith("expectations[0]");
    }
  }

  @Test
  void commit_ofExpectationsTooLong_isRefusedWithTheField() {
    String large = "\\u0001".repeat(100_000);
    assertExpectationRefused(
        ErrorReason.NAME_INVALID, "table", "{table: '" + large + "', exists: true}");
    assertExpectationRefused(
        ErrorReason.NAME_INVALID, "table", "{table: '" + large + "', absent: true}");
    assertExpectationRefused(
        ErrorReason.NAME_INVALID, "table", "{table: '" + large + "', unchangedSinceRevision: 1}");
    assertExpectationRefused(
        ErrorReason.ARGUMENT_INVALID,
        "at_version.table_id",
        "{table: 'person', atVersion: {tableId: '" + large + "'}}");
    assertExpectationRefused(
        ErrorReason.ARGUMENT_INVALID,
        "schema_fingerprint",
        "{table: 'person', schemaFingerprint: '" + large + "'}");
  }

  private void assertExpectationRefused(ErrorReason reason, String field, String expectation) {
    String expectations = "expectations: [{branchAtRevision: 1}, " + expectation + "]";
    Map<String, String> ofCommit =
        assertFails(reason, "", () -> commit("{database: 'crm', " + expectations + "}"));
    Map<String, String> ofWrite =
        assertFails(
            reason,
            "",
            () ->
                fixture.write(
                    write(
                        "{header: {database: 'crm', table: 'person', append: {}}, options: {"
                            + expectations
                            + "}, rows: [{id: 1}]}")));
    assertThat(ofCommit).containsEntry("field", "expectations[1]." + field);
    assertThat(ofWrite).containsEntry("field", "expectations[1]." + field);
  }

  @Test
  void commit_ofOptionsOutOfRange_isRefused() {
    for (String option :
        new String[] {
          "maxCommitDelay: '2s'",
          "maxCommitDelay: '-1s'",
          "requestId: 'with space'",
          "requestId: '" + "r".repeat(129) + "'",
          "message: '" + "m".repeat(5_000) + "'",
          "properties: {p: '" + "v".repeat(2_000) + "'}",
        }) {
      assertFails(
          ErrorReason.ARGUMENT_INVALID, "", () -> commit("{database: 'crm', " + option + "}"));
    }
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "request_id",
        () ->
            fixture
                .commits()
                .getCommitOutcome(GetCommitOutcomeRequest.newBuilder().setDatabase("crm").build()));
  }

  private void stageOne(String id) {
    fixture.stage(
        stage(
            "{header: {database: 'crm', table: 'person', append: {}}, stagedWriteId: '"
                + id
                + "', rows: [{id: 1}]}"));
  }
}
