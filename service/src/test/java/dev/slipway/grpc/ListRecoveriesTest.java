package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import dev.slipway.engine.matrix.PlantedLog;
import dev.slipway.engine.testkit.QuietLogs;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.ListRecoveriesRequest;
import dev.slipway.v1.ListRecoveriesResponse;
import dev.slipway.v1.Recovery;
import dev.slipway.v1.RecoveryOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What of the log's recoveries a client gets to see: by outcome, branch and time, in pages. */
@ExtendWith(QuietLogs.class)
final class ListRecoveriesTest {
  @TempDir Path folder;
  private GrpcFixture fixture;
  private PlantedLog log;

  @BeforeEach
  void start() {
    fixture = new GrpcFixture(folder).withPerson();
    String id =
        fixture
            .databases()
            .getDatabase(GetDatabaseRequest.newBuilder().setDatabase("crm").build())
            .getDatabase()
            .getId();
    log = new PlantedLog(fixture.engine().backend().metadata(), id);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private static ListRecoveriesRequest.Builder request() {
    return ListRecoveriesRequest.newBuilder().setDatabase("crm");
  }

  /** All pages. */
  private List<Recovery> all(ListRecoveriesRequest.Builder request) {
    List<Recovery> found = new ArrayList<>();
    do {
      ListRecoveriesResponse page = fixture.maintenance().listRecoveries(request.build());
      found.addAll(page.getRecoveriesList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return found;
  }

  private List<String> requests(ListRecoveriesRequest.Builder request) {
    return all(request).stream().map(Recovery::getRequestId).toList();
  }

  @Test
  void listRecoveries_byOutcome_givesThoseAlone() {
    log.recoveries(4);

    assertThat(requests(request()))
        .containsExactly("recovered-3", "recovered-2", "recovered-1", "recovered-0");
    assertThat(requests(request().setOutcome(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_FORWARD)))
        .containsExactly("recovered-2", "recovered-0");
    assertThat(requests(request().setOutcome(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_BACK)))
        .containsExactly("recovered-3", "recovered-1");
    Recovery back = all(request()).get(0);
    assertThat(back.getReason()).isEqualTo("COMMIT_CONFLICT");
    assertThat(back.getRecovered().getOutcome())
        .isEqualTo(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_BACK);
  }

  @Test
  void listRecoveries_byBranch_givesThoseAlone() {
    log.recoveries(6);

    assertThat(requests(request().setBranch("main").setPageSize(1)))
        .containsExactly("recovered-4", "recovered-2", "recovered-0");
    assertThat(requests(request().setBranch("branch-3"))).containsExactly("recovered-3");
    assertThat(requests(request().setBranch("branch-2"))).isEmpty();
  }

  @Test
  void listRecoveries_byTime_takesItsStartInAndItsEndOut() {
    log.recoveries(5);
    List<Timestamp> times = all(request()).stream().map(Recovery::getRecoverTime).toList();
    Timestamp second = times.get(3);
    Timestamp fourth = times.get(1);
    assertThat(Timestamps.compare(second, fourth)).isNegative();

    assertThat(requests(request().setStartTime(second)))
        .containsExactly("recovered-4", "recovered-3", "recovered-2", "recovered-1");
    assertThat(requests(request().setEndTime(fourth)))
        .containsExactly("recovered-2", "recovered-1", "recovered-0");
    assertThat(requests(request().setStartTime(second).setEndTime(fourth).setPageSize(1)))
        .containsExactly("recovered-2", "recovered-1");
    assertThat(
            requests(
                request()
                    .setStartTime(second)
                    .setEndTime(fourth)
                    .setOutcome(RecoveryOutcome.RECOVERY_OUTCOME_ROLLED_FORWARD)))
        .containsExactly("recovered-2");
  }

  /** However few recoveries there are, a call looks at a bounded part of the log. */
  @Test
  void listRecoveries_behindMoreEntriesThanAPageLooksAt_areOnALaterPage() {
    log.recoveries(2);
    for (int i = 0; i < 3; i++) {
      log.aborts("noise-" + i, 4_000);
    }

    ListRecoveriesResponse first = fixture.maintenance().listRecoveries(request().build());
    assertThat(first.getRecoveriesList()).isEmpty();
    assertThat(first.getNextPageToken()).isNotEmpty();
    ListRecoveriesResponse second =
        fixture
            .maintenance()
            .listRecoveries(request().setPageToken(first.getNextPageToken()).build());
    assertThat(second.getRecoveriesList())
        .extracting(Recovery::getRequestId)
        .containsExactly("recovered-1", "recovered-0");
    assertThat(second.getNextPageToken()).isEmpty();
  }
}
