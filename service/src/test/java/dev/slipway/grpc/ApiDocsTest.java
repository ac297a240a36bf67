package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.database.EngineOptions;
import dev.slipway.grpc.payload.PayloadLimits;
import dev.slipway.storage.SchemaRules;
import dev.slipway.storage.StorageLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/api.md says what the code does. */
final class ApiDocsTest {
  @Test
  void errorTable_hasEveryReasonWithItsStatusAndDetails() throws IOException {
    List<String> documented = new ArrayList<>();
    for (String line : lines()) {
      List<String> cells = cells(line);
      if (cells.size() == 5 && cells.get(0).matches("`[A-Z_]+`")) {
        documented.add(cells.get(0) + " " + cells.get(1) + " " + cells.get(2));
      }
    }

    assertThat(documented)
        .containsExactlyElementsOf(
            Arrays.stream(ErrorReason.values())
                .map(
                    reason ->
                        "`%s` `%s` %s"
                            .formatted(
                                reason.name(),
                                ReasonDetails.code(reason),
                                ReasonDetails.details(reason).stream()
                                    .map(Class::getSimpleName)
                                    .collect(Collectors.joining(", "))))
                .toList());
  }

  @Test
  void limitsTable_hasTheCodesDefaults() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    for (String line : lines()) {
      List<String> cells = cells(line);
      if (cells.size() == 3) {
        documented.put(cells.get(0), cells.get(1));
      }
    }
    GrpcOptions grpc = GrpcOptions.DEFAULT;
    PayloadLimits payload = PayloadLimits.DEFAULT;
    Map<String, String> expected = new TreeMap<>();
    expected.put("Message coming in", mebibytes(grpc.bounds().maxMessageBytes()));
    expected.put(
        "Message going out",
        "about " + (ScanMessages.PIECE_BYTES >> 20) + " MiB of data, or one row");
    expected.put("Record batch, as sent and once decompressed", mebibytes(payload.maxBatchBytes()));
    expected.put("Metadata of one Arrow IPC message", mebibytes(payload.maxMetadataBytes()));
    expected.put(
        "Columns of a table; nesting",
        count(SchemaRules.MAX_COLUMNS) + "; " + SchemaRules.MAX_DEPTH + " levels");
    expected.put("Column name", SchemaRules.MAX_NAME_BYTES + " bytes");
    expected.put("Length of a fixed-size list or binary", count(SchemaRules.MAX_FIXED_LENGTH));
    expected.put(
        "Staged writes of a commit", count(EngineOptions.DEFAULT.maxStagedWritesPerCommit()));
    expected.put("Tables of a commit", count(EngineOptions.DEFAULT.maxTablesPerCommit()));
    expected.put("Rows of one upsert", count(StorageLimits.DEFAULT.maxUpsertRows()));
    expected.put("Uploads that stream at once", count(grpc.bounds().maxUploads()));
    expected.put("Uploads open at once", count(grpc.bounds().maxOpenUploads()));
    expected.put("Scans open at once", count(grpc.bounds().maxScans()));
    expected.put("Checks and cleanups at once", count(Calls.MAX_MAINTENANCE));
    expected.put("Silence of an upload", grpc.patience().uploadIdle().toSeconds() + " s");
    expected.put("Silence of a scan's client", grpc.patience().scanIdle().toSeconds() + " s");

    assertThat(documented).containsAllEntriesOf(expected);
  }

  @Test
  void serviceTable_namesEveryCall() throws IOException {
    String documented = String.join("\n", lines());

    assertThat(GrpcServerTest.services())
        .allSatisfy(
            service -> {
              assertThat(documented).contains("| `" + service.getName() + "` |");
              service
                  .getMethods()
                  .forEach(method -> assertThat(documented).contains("`" + method.getName() + "`"));
            });
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(Path.of("..", "docs", "api.md"));
  }

  private static List<String> cells(String line) {
    return line.startsWith("| ") && line.endsWith("|")
        ? Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1))
            .map(String::strip)
            .toList()
        : List.of();
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
