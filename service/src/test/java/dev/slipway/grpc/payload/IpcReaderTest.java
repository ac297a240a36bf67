package dev.slipway.grpc.payload;

import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compression.CompressionUtil;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IpcReaderTest {
  private static final Schema SMALL = schema(int64("id"), utf8("name"));

  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 64, 1 << 20})
  void read_ofAStreamInPiecesOfAnySize_givesTheSameRows(int pieceSize) {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(200);
    byte[] stream = IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, rows, 70));

    assertThat(IpcStreams.read(allocator, stream, pieceSize, PayloadLimits.DEFAULT))
        .isEqualTo(rows);
  }

  @ParameterizedTest
  @EnumSource(CompressionUtil.CodecType.class)
  void read_ofACompressedStream_givesTheSameRows(CompressionUtil.CodecType codec) {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(1_000);
    byte[] stream = IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, rows, 400), codec);

    assertThat(IpcStreams.read(allocator, stream, 1 << 10, PayloadLimits.DEFAULT)).isEqualTo(rows);
  }

  @Test
  void read_withoutEndMarker_givesTheSameRows() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(10);
    byte[] stream = IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, rows));
    byte[] unmarked = Arrays.copyOf(stream, stream.length - 8);

    assertThat(IpcStreams.read(allocator, unmarked, 100, PayloadLimits.DEFAULT)).isEqualTo(rows);
  }

  @Test
  void read_ofNoBatches_givesTheSchemaAndNoRows() throws IOException {
    byte[] stream = IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, List.of()));

    try (ArrowReader reader = reader(stream)) {
      assertThat(reader.getVectorSchemaRoot().getSchema()).isEqualTo(EveryType.SCHEMA);
      assertThat(reader.loadNextBatch()).isFalse();
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  @Test
  void read_ofDictionaryEncodedColumns_givesPlainOnes() throws IOException {
    byte[] stream = dictionaryStream(List.of("red", "blue"), Arrays.asList("red", null, "blue"));

    try (ArrowReader reader = reader(stream)) {
      assertThat(reader.getVectorSchemaRoot().getSchema().findField("colour").getType())
          .isEqualTo(ArrowType.Utf8.INSTANCE);
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(Rows.read(reader.getVectorSchemaRoot()))
          .containsExactly(row("colour", "red"), row("colour", null), row("colour", "blue"));
      assertThat(reader.loadNextBatch()).isFalse();
    }
  }

  @Test
  void read_ofAnIndexBeyondItsDictionary_isRefused() {
    byte[] stream = dictionaryStream(List.of("red", "blue"), List.of("red", "blue", "red"));
    // The indices are the last body: 0, 1, 0 before padding and the end marker.
    int at = lastIndexOf(stream, new byte[] {1, 0, 0, 0});
    stream[at] = 2;

    assertRefused(stream, ErrorReason.PAYLOAD_INVALID, "entry 2 of dictionary 1");
  }

  @Test
  void read_ofBatchesThatTakeTheirBuffersFromAnywhere_alignsThem() {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(33);
    byte[] stream = IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, rows, 11));

    try (BufferAllocator child = allocator.newChildAllocator("upload", 0, 1 << 28);
        ArrowReader reader =
            new IpcReader(child, IpcStreams.pieces(stream, 999), PayloadLimits.DEFAULT)) {
      while (reader.loadNextBatch()) {
        FieldVector decimals = reader.getVectorSchemaRoot().getVector("dec");
        assertThat(decimals.getDataBuffer().memoryAddress() % 16).isZero();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void read_ofSomethingElse_saysWhatWasExpected() {
    byte[] parquet = "PAR1 and then some bytes".getBytes(StandardCharsets.US_ASCII);

    assertRefused(parquet, ErrorReason.PAYLOAD_INVALID, "is this an Arrow IPC stream");
  }

  @Test
  void read_ofNothing_isRefused() {
    assertRefused(new byte[0], ErrorReason.PAYLOAD_INVALID, "expected a schema, found nothing");
  }

  @Test
  void read_ofAStreamCutInsideAMessage_isRefused() {
    byte[] stream = small();

    for (int length : new int[] {1, 5, 20, stream.length - 9, stream.length - 30}) {
      assertRefused(
          Arrays.copyOf(stream, length), ErrorReason.PAYLOAD_INVALID, "in the middle of a message");
    }
  }

  @Test
  void read_ofTwoStreamsInOne_isRefused() {
    byte[] stream = small();
    byte[] twice = Arrays.copyOf(stream, 2 * stream.length);
    System.arraycopy(stream, 0, twice, stream.length, stream.length);

    assertRefused(twice, ErrorReason.PAYLOAD_INVALID, "after the end-of-stream marker");
  }

  @Test
  void read_ofMetadataThatClaimsGigabytes_takesNoMemoryForIt() {
    byte[] stream = small();
    ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).putInt(4, Integer.MAX_VALUE);

    assertRefused(stream, ErrorReason.PAYLOAD_INVALID, "expected metadata of 1 to 4194304 bytes");
    assertThat(allocator.getPeakMemoryAllocation()).isLessThan(1 << 20);
  }

  @Test
  void read_ofABodyBeyondTheLimit_isTooLarge() {
    byte[] stream =
        IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, EveryType.rows(1_000)));

    assertRefused(
        stream, new PayloadLimits(10_000, 1 << 20, 1_000), ErrorReason.TOO_LARGE, "10000 bytes");
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionUtil.CodecType.class,
      names = {"LZ4_FRAME", "ZSTD"})
  void read_ofACompressedBodyThatUnfoldsBeyondTheLimit_isTooLarge(CompressionUtil.CodecType codec) {
    Map<String, @Nullable Object> row = row("id", 1L, "name", "a".repeat(1 << 20));
    byte[] stream = IpcStreams.write(Rows.reader(allocator, SMALL, List.of(row)), codec);
    assertThat(stream).hasSizeLessThan(20_000);

    assertRefused(
        stream, new PayloadLimits(100_000, 1 << 20, 1_000), ErrorReason.TOO_LARGE, "decompressed");
  }

  @Test
  void read_ofACompressedBodyThatHoldsMoreThanItClaims_isRefused() {
    Map<String, @Nullable Object> row = row("id", 1L, "name", "a".repeat(1 << 20));
    for (CompressionUtil.CodecType codec :
        List.of(CompressionUtil.CodecType.LZ4_FRAME, CompressionUtil.CodecType.ZSTD)) {
      byte[] stream = IpcStreams.write(Rows.reader(allocator, SMALL, List.of(row)), codec);
      byte[] claim = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(1 << 20).array();
      int at = lastIndexOf(stream, claim);
      ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 1 << 10);

      assertRefused(stream, ErrorReason.PAYLOAD_INVALID, "claims 1024 bytes");
    }
  }

  @Test
  void read_ofTooManyFields_isRefused() {
    assertRefused(
        IpcStreams.write(Rows.reader(allocator, EveryType.SCHEMA, List.of())),
        new PayloadLimits(1 << 20, 1 << 20, 10),
        ErrorReason.PAYLOAD_INVALID,
        "at most 10 fields");
  }

  @Test
  void read_afterAFailure_failsTheSameWay() throws IOException {
    byte[] stream = Arrays.copyOf(small(), small().length - 30);

    try (PayloadReader reader =
        new IpcReader(allocator, IpcStreams.pieces(stream, 10), PayloadLimits.DEFAULT)) {
      assertThatThrownBy(reader::loadNextBatch).isInstanceOf(StorageException.class);
      assertThatThrownBy(reader::loadNextBatch)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("in the middle of a message");
    }
  }

  @Test
  void read_whenItsPiecesBreakOff_keepsTheReason() throws IOException {
    SlipwayException gone = SlipwayException.of(ErrorReason.DEADLINE, "idle");
    Pieces<ByteString> pieces =
        () -> {
          throw gone;
        };

    try (PayloadReader reader = new IpcReader(allocator, pieces, PayloadLimits.DEFAULT)) {
      assertThatThrownBy(reader::getVectorSchemaRoot).isInstanceOf(StorageException.class);
      assertThat(reader.failure()).containsSame(gone);
    }
  }

  private IpcReader reader(byte[] stream) {
    return new IpcReader(allocator, IpcStreams.pieces(stream, 50), PayloadLimits.DEFAULT);
  }

  private byte[] small() {
    return IpcStreams.write(Rows.reader(allocator, SMALL, List.of(row("id", 1L, "name", "Ada"))));
  }

  private void assertRefused(byte[] stream, ErrorReason reason, String text) {
    assertRefused(stream, PayloadLimits.DEFAULT, reason, text);
  }

  private void assertRefused(byte[] stream, PayloadLimits limits, ErrorReason reason, String text) {
    try (BufferAllocator child = allocator.newChildAllocator("upload", 0, limits.memoryBytes());
        PayloadReader reader = new IpcReader(child, IpcStreams.pieces(stream, 64), limits)) {
      assertThatThrownBy(
              () -> {
                while (reader.loadNextBatch()) {
                  assertThat(reader.getVectorSchemaRoot().getRowCount()).isNotNegative();
                }
              })
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(text);
      assertThat(reader.failure().orElseThrow().reason()).isEqualTo(reason);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int lastIndexOf(byte[] bytes, byte[] wanted) {
    for (int i = bytes.length - wanted.length; i >= 0; i--) {
      if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new AssertionError("not in the stream");
  }

  private byte[] dictionaryStream(List<String> values, List<@Nullable String> column) {
    DictionaryProvider.MapDictionaryProvider provider =
        new DictionaryProvider.MapDictionaryProvider();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (VarCharVector dictionary = texts("dictionary", values);
        VarCharVector plain = texts("colour", column)) {
      DictionaryEncoding encoding = new DictionaryEncoding(1, false, new ArrowType.Int(32, true));
      provider.put(new Dictionary(dictionary, encoding));
      try (FieldVector encoded = (FieldVector) DictionaryEncoder.encode(plain, provider.lookup(1));
          VectorSchemaRoot root = VectorSchemaRoot.of(encoded);
          ArrowStreamWriter writer =
              IpcStreams.writer(root, provider, out, CompressionUtil.CodecType.NO_COMPRESSION)) {
        assertThat(encoded).isInstanceOf(IntVector.class);
        writer.start();
        writer.writeBatch();
        writer.end();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private VarCharVector texts(String name, List<@Nullable String> values) {
    VarCharVector vector = new VarCharVector(name, allocator);
    vector.allocateNew(values.size());
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      if (value != null) {
        vector.setSafe(i, value.getBytes(StandardCharsets.UTF_8));
      }
    }
    vector.setValueCount(values.size());
    return vector;
  }
}
