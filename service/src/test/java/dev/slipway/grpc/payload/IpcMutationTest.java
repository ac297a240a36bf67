package dev.slipway.grpc.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ErrorReason;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.VectorCheck;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Streams with bytes changed, cut, doubled: decoding answers or refuses, and leaves nothing. */
final class IpcMutationTest {
  private static final int MUTATIONS = 1_500;
  private static final PayloadLimits LIMITS = new PayloadLimits(1 << 20, 1 << 18, 1_000);

  @ParameterizedTest(name = "seed {0}, {1}")
  @CsvSource({
    "1, NO_COMPRESSION",
    "2, NO_COMPRESSION",
    "3, LZ4_FRAME",
    "4, ZSTD",
  })
  void read_ofAMutatedStream_answersOrRefusesAndLeavesNothing(
      long seed, CompressionUtil.CodecType codec) throws IOException {
    Random random = new Random(seed);
    int refused = 0;
    try (BufferAllocator root = new RootAllocator()) {
      List<Map<String, @Nullable Object>> rows = EveryType.rows(20);
      byte[] good = IpcStreams.write(Rows.reader(root, EveryType.SCHEMA, rows, 8), codec);
      for (int i = 0; i < MUTATIONS; i++) {
        byte[] bad = Mutations.of(good, random);
        try (BufferAllocator child = root.newChildAllocator("upload", 0, LIMITS.memoryBytes());
            PayloadReader reader =
                new IpcReader(child, IpcStreams.pieces(bad, 1 + random.nextInt(5_000)), LIMITS)) {
          refused += survives(reader) ? 0 : 1;
        }
        assertThat(root.getAllocatedMemory()).as("mutation %d of seed %d", i, seed).isZero();
      }
    }
    assertThat(refused).isBetween(MUTATIONS / 10, MUTATIONS);
  }

  private static boolean survives(PayloadReader reader) throws IOException {
    try {
      while (reader.loadNextBatch()) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        for (FieldVector vector : root.getFieldVectors()) {
          VectorCheck.check(vector.getName(), vector, root.getRowCount());
        }
        for (int i = 0; i < Math.min(20, root.getRowCount()); i++) {
          assertThat(JsonRows.row(root, i)).isNotNull();
        }
      }
      return true;
    } catch (StorageException e) {
      ErrorReason reason =
          reader.failure().isPresent()
              ? reader.failure().get().reason()
              : ErrorReason.PAYLOAD_INVALID;
      assertThat(reason).isIn(ErrorReason.PAYLOAD_INVALID, ErrorReason.TOO_LARGE);
      return false;
    }
  }
}
