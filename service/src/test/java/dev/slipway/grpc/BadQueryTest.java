package dev.slipway.grpc;

import static dev.slipway.grpc.Failures.assertFails;
import static dev.slipway.grpc.GrpcFixture.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.DeleteOperation;
import dev.slipway.v1.ListCommitsRequest;
import dev.slipway.v1.ListDatabasesRequest;
import dev.slipway.v1.ListStagedWritesRequest;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.WriteHeader;
import dev.slipway.v1.WriteRequest;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Filters, numbers and pages. */
final class BadQueryTest extends BadInput {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          id =                            | 5
          id = 1)                         | 7
          select 1                        | 8
          id in (select id from person)   | 15
          id = ?                          | 6
          id = 1; drop table person       | 7
          id = 1 -- comment               | 8
          'unclosed                       | 1
          `name` ~ 'x'                    | 8
          id = 1 \ud83d\udea2           | 8
          name = '\ud83d\udea2' and     | 15
          id = 1 and (name = 'x' or )     | 27
          """)
  void filter_thatIsNotUnderstood_namesThePosition(String filter, int position) {
    CountRequest count =
        CountRequest.newBuilder().setDatabase("crm").setTable("person").setFilter(filter).build();
    ScanRequest scan =
        ScanRequest.newBuilder().setDatabase("crm").setTable("person").setFilter(filter).build();
    WriteRequest delete =
        WriteRequest.newBuilder()
            .setHeader(
                WriteHeader.newBuilder()
                    .setDatabase("crm")
                    .setTable("person")
                    .setDelete(DeleteOperation.newBuilder().setFilter(filter)))
            .build();
    for (Runnable call :
        List.<Runnable>of(
            () -> assertThat(fixture.reads().count(count).getCount()).isNotNegative(),
            () -> scan(scan),
            () -> fixture.write(delete))) {
      Map<String, String> metadata =
          assertFails(ErrorReason.FILTER_INVALID, "at character " + position + ": ", call::run);
      assertThat(metadata)
          .containsEntry("position", String.valueOf(position))
          .containsEntry("field", "filter");
    }
  }

  @Test
  void filter_ofACharacterThatIsNone_namesThePosition() {
    assertThat(
            assertFails(
                ErrorReason.FILTER_INVALID,
                "",
                () -> count("{database: 'crm', table: 'person', filter: 'id = \\u0000'}")))
        .containsEntry("position", "6");
  }

  @Test
  void filter_thatDoesNotFitItsColumns_isRefused() {
    assertFails(
        ErrorReason.FILTER_INVALID,
        "",
        () -> count("{database: 'crm', table: 'person', filter: 'name > 5'}"));
  }

  @Test
  void filter_ofTwoThousandParentheses_isRefusedAtOnce() {
    String deep = "(".repeat(2_000) + "id = 1" + ")".repeat(2_000);
    Supplier<CountRequest> count =
        () ->
            CountRequest.newBuilder().setDatabase("crm").setTable("person").setFilter(deep).build();

    assertFails(
        ErrorReason.FILTER_INVALID,
        "64",
        () ->
            fixture
                .reads()
                .withDeadlineAfter(5, java.util.concurrent.TimeUnit.SECONDS)
                .count(count.get()));
    assertFails(
        ErrorReason.FILTER_INVALID,
        "64",
        () ->
            fixture.write(
                WriteRequest.newBuilder()
                    .setHeader(
                        WriteHeader.newBuilder()
                            .setDatabase("crm")
                            .setTable("person")
                            .setDelete(DeleteOperation.newBuilder().setFilter(deep)))
                    .build()));
  }

  @Test
  void filter_ofAMegabyte_isRefused() {
    assertFails(
        ErrorReason.FILTER_INVALID,
        "too long",
        () ->
            fixture
                .reads()
                .count(
                    CountRequest.newBuilder()
                        .setDatabase("crm")
                        .setTable("person")
                        .setFilter("id = 1 or ".repeat(100_000) + "id = 2")
                        .build()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit: -1",
        "offset: -1",
        "batchRows: -1",
        "batchRows: 65537",
        "at: {revision: -1}",
        "at: {minRevision: -1}",
        "at: {stagedWriteId: ''}",
        "format: 77",
      })
  void scan_withANumberOutOfRange_namesTheField(String field) {
    Map<String, String> metadata =
        assertFails(
            ErrorReason.ARGUMENT_INVALID,
            "expected",
            () -> scan("{database: 'crm', table: 'person', " + field + "}"));
    assertThat(metadata.get("field")).isNotEmpty();
  }

  @Test
  void listings_withABadPage_areRefused() {
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_size",
        () ->
            fixture
                .databases()
                .listDatabases(json("{pageSize: -1}", ListDatabasesRequest.newBuilder())));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .databases()
                .listDatabases(json("{pageToken: 'x'}", ListDatabasesRequest.newBuilder())));
    String token = new PageToken(1, "a").write("databases");
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .tables()
                .listTables(
                    json(
                        "{database: 'crm', pageToken: '" + token + "'}",
                        ListTablesRequest.newBuilder())));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_size",
        () ->
            fixture
                .commits()
                .listCommits(
                    json("{database: 'crm', pageSize: -5}", ListCommitsRequest.newBuilder())));
    assertFails(
        ErrorReason.ARGUMENT_INVALID,
        "page_token",
        () ->
            fixture
                .staging()
                .listStagedWrites(
                    json(
                        "{database: 'crm', pageToken: '////'}",
                        ListStagedWritesRequest.newBuilder())));
  }
}
