package dev.slipway.engine.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.log.SealedJson;
import dev.slipway.engine.staging.StagedRecord;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.VersionRef;
import dev.slipway.storage.WriteKind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An intent has what one-call writes staged whole, and must fit into one object with others. */
class IntentSizeTest {
  @Test
  void intentBytes_ofAOneCallWrite_coverWhatItsIntentTakes() {
    for (int tokenBytes : new int[] {0, 1_000, 3_000_000}) {
      OperationSpec spec = spec(tokenBytes);

      byte[] intent = SealedJson.seal(new Intent("id", 7, "instance", List.of(spec)));

      assertThat(Operation.commit(spec).intentBytes())
          .as("room for a token of %d bytes", tokenBytes)
          .isGreaterThanOrEqualTo(intent.length);
    }
  }

  @Test
  void bound_ofABatch_leavesRoomInOneObject() {
    // One more operation may come on top of a batch that is just below.
    assertThat(2 * CommitQueue.MAX_INTENT_BYTES).isLessThanOrEqualTo(MetadataStore.MAX_VALUE_BYTES);
  }

  private static OperationSpec spec(int tokenBytes) {
    StagedRecord staged =
        new StagedRecord(
            "id",
            0,
            "main",
            0,
            "person",
            "table-id",
            WriteKind.APPEND,
            false,
            new byte[tokenBytes],
            7,
            new VersionRef(1, "transaction"),
            1,
            1,
            0,
            10,
            "digest",
            "tester",
            1,
            1);
    return new OperationSpec(
        "op",
        "request",
        "digest",
        "tester",
        7,
        "main",
        0,
        List.of(new Change.Inline(staged)),
        List.of(),
        "",
        Map.of());
  }
}
