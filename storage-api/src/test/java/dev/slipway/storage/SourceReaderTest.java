package dev.slipway.storage;

import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.largeUtf8;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.storage.testkit.BatchReader;
import dev.slipway.storage.testkit.EveryType;
import dev.slipway.storage.testkit.Rows;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.ValueVectorUtility;
import org.apache.arrow.vector.validate.ValidateUtil.ValidateException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceReaderTest {
  private final BufferAllocator allocator = new RootAllocator();

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  private StorageErrorCode read(ArrowReader upload, Schema table) throws IOException {
    try (upload;
        ArrowReader fitted = SourceReader.full(upload, table, allocator)) {
      while (fitted.loadNextBatch()) {
        assertThat(fitted.getVectorSchemaRoot().getSchema()).isEqualTo(table);
      }
      return StorageErrorCode.CLOSED;
    } catch (StorageException e) {
      return e.code();
    }
  }

  @Test
  void full_matchingBatches_sharesTheirBuffers() throws IOException {
    List<Map<String, @Nullable Object>> rows = EveryType.rows(100);
    long before;
    try (ArrowReader upload = Rows.reader(allocator, EveryType.SCHEMA, rows);
        ArrowReader fitted = SourceReader.full(upload, EveryType.SCHEMA, allocator)) {
      upload.getVectorSchemaRoot();
      fitted.getVectorSchemaRoot();
      assertThat(fitted.loadNextBatch()).isTrue();
      before = allocator.getAllocatedMemory();
      assertThat(Rows.read(fitted.getVectorSchemaRoot())).isEqualTo(rows);
      assertThat(fitted.getVectorSchemaRoot().getVector("text").getDataBuffer().memoryAddress())
          .isEqualTo(
              upload.getVectorSchemaRoot().getVector("text").getDataBuffer().memoryAddress());
      assertThat(fitted.loadNextBatch()).isFalse();
      assertThat(allocator.getAllocatedMemory()).isLessThan(before);
    }
  }

  @Test
  void full_targetCleared_leavesTheUploadAsItIs() throws IOException {
    Schema schema = schema(int64("id"), utf8("name"));
    List<Map<String, @Nullable Object>> rows = List.of(row("id", 1L, "name", "x"));
    try (ArrowReader upload = Rows.reader(allocator, schema, rows);
        ArrowReader fitted = SourceReader.full(upload, schema, allocator)) {
      assertThat(fitted.loadNextBatch()).isTrue();
      fitted.getVectorSchemaRoot().clear();
      assertThat(Rows.read(upload.getVectorSchemaRoot())).isEqualTo(rows);
    }
  }

  @Test
  void full_randomlyMutatedStreams_lettingThroughOnlyWhatArrowCallsValid() throws IOException {
    byte[] stream = ipc(EveryType.SCHEMA, EveryType.rows(50));
    Random random = new Random(42);
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] mutated = stream.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        int at = random.nextInt(mutated.length);
        // The lengths before messages are for whoever receives them to check: Arrow believes them.
        mutated[at] = isLength(stream, at) ? stream[at] : (byte) random.nextInt();
      }
      // Arrow's stream reader leaks what it had read when it fails: it gets a root of its own.
      BufferAllocator upload = new RootAllocator(1 << 20);
      refused += readMutated(mutated, upload, i % 2 == 0 ? upload : allocator) ? 0 : 1;
    }
    assertThat(refused).isBetween(100, 1_999);
  }

  /** Whether the byte belongs to the prefix of the first or second message, or to the end mark. */
  private static boolean isLength(byte[] stream, int at) {
    int second = 8 + ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    return at < 8 || (at >= second && at < second + 8) || at >= stream.length - 8;
  }

  /** Reads all; what comes through is valid to Arrow too. */
  private static boolean readMutated(
      byte[] stream, BufferAllocator uploads, BufferAllocator fitteds) throws IOException {
    try (ArrowReader upload = new ArrowStreamReader(new ByteArrayInputStream(stream), uploads);
        ArrowReader fitted = SourceReader.full(upload, EveryType.SCHEMA, fitteds)) {
      while (fitted.loadNextBatch()) {
        for (FieldVector vector : fitted.getVectorSchemaRoot().getFieldVectors()) {
          // Arrow's own check fails on any fixed-size list, which it asks for offsets, and refuses
          // decimals that use all of their digits.
          if (!(vector instanceof FixedSizeListVector || vector instanceof DecimalVector)) {
            ValueVectorUtility.validateFull(vector);
          }
        }
        Rows.read(fitted.getVectorSchemaRoot());
      }
      return true;
    } catch (StorageException e) {
      assertThat(e.code())
          .isIn(
              StorageErrorCode.PAYLOAD_INVALID,
              StorageErrorCode.SCHEMA_MISMATCH,
              StorageErrorCode.ROW_INVALID,
              StorageErrorCode.RESOURCE_EXHAUSTED);
      return false;
    }
  }

  @Test
  void full_offsetsMutated_refusesWhateverArrowRefuses() throws IOException {
    Schema schema = schema(utf8("a"), largeUtf8("b"), list("c", utf8("item")));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      rows.add(row("a", "a" + i, "b", "\u00fc" + i, "c", List.of("x", "y\u00e9" + i)));
    }
    Random random = new Random(7);
    for (int i = 0; i < 2_000; i++) {
      boolean[] valid = {true};
      ArrowReader upload =
          new BatchReader(
              allocator,
              schema,
              1,
              (root, batch) -> {
                Rows.fill(root, rows);
                FieldVector vector = root.getVector(random.nextInt(3));
                ArrowBuf buffer =
                    random.nextBoolean() && vector instanceof VarCharVector
                        ? vector.getDataBuffer()
                        : vector.getOffsetBuffer();
                int at = random.nextInt(21 * 4);
                buffer.setByte(Math.min(at, buffer.capacity() - 1), (byte) random.nextInt());
                valid[0] = validToArrow(root);
              });

      StorageErrorCode result = read(upload, schema);

      if (!valid[0]) {
        assertThat(result).isEqualTo(StorageErrorCode.PAYLOAD_INVALID);
      } else {
        assertThat(result).isIn(StorageErrorCode.CLOSED, StorageErrorCode.PAYLOAD_INVALID);
      }
    }
  }

  private static boolean validToArrow(VectorSchemaRoot root) {
    try {
      ValueVectorUtility.validateFull(root);
      return true;
    } catch (ValidateException | IllegalArgumentException | IndexOutOfBoundsException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "80",
        "c0af",
        "c080",
        "e08080",
        "eda080",
        "f4908080",
        "f8888080",
        "ff",
        "c3",
        "e282",
        "f09f9a",
        "616161616161616180",
        "61616161616161c3"
      })
  void full_invalidUtf8_isRefused(String hex) throws IOException {
    assertThat(read(bytesAsText(HexFormat.of().parseHex(hex)), schema(utf8("t"))))
        .isEqualTo(StorageErrorCode.PAYLOAD_INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "\u0000",
        "\u007f",
        "\u0080",
        "\u07ff",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\ud800\udc00",
        "\udbff\udfff",
        "abcdefgh\u00fcabcdefgh\u20acabcdefg\ud83d\udea2"
      })
  void full_validUtf8_passes(String text) throws IOException {
    assertThat(read(bytesAsText(text.getBytes(StandardCharsets.UTF_8)), schema(utf8("t"))))
        .isEqualTo(StorageErrorCode.CLOSED);
  }

  @Test
  void full_characterSplitOverTwoValues_isRefused() throws IOException {
    ArrowReader upload =
        new BatchReader(
            allocator,
            schema(utf8("t")),
            1,
            (root, batch) -> {
              Rows.fill(root, List.of(row("t", "\u00fc"), row("t", "x")));
              root.getVector("t").getOffsetBuffer().setInt(4, 1);
            });

    assertThat(read(upload, schema(utf8("t")))).isEqualTo(StorageErrorCode.PAYLOAD_INVALID);
  }

  private ArrowReader bytesAsText(byte[] bytes) {
    return new BatchReader(
        allocator,
        schema(utf8("t")),
        1,
        (root, batch) -> {
          VarCharVector vector = (VarCharVector) root.getVector(0);
          vector.allocateNew();
          vector.setSafe(0, bytes);
          root.setRowCount(1);
        });
  }

  @Test
  void full_memoryOfTheUploadExhausted_saysSo() throws IOException {
    byte[] stream = ipc(schema(int64("id")), List.of(row("id", 1L), row("id", 2L)));
    try (BufferAllocator child = allocator.newChildAllocator("upload", 0, 8);
        ArrowReader upload = new ArrowStreamReader(new ByteArrayInputStream(stream), child)) {
      StorageException failure =
          catchThrowableOfType(
              StorageException.class,
              () -> {
                try (ArrowReader fitted =
                    SourceReader.full(upload, schema(int64("id")), allocator)) {
                  fitted.loadNextBatch();
                }
              });
      assertThat(failure.code()).isEqualTo(StorageErrorCode.RESOURCE_EXHAUSTED);
    }
  }

  @Test
  void failure_ioExceptionAroundAStorageException_unwrapsIt() {
    StorageException inner = new StorageException(StorageErrorCode.CANCELLED, "gone", null);

    assertThat(SourceReader.failure(new IOException(inner))).isSameAs(inner);
    assertThat(SourceReader.failure(new IOException("cut")).code())
        .isEqualTo(StorageErrorCode.PAYLOAD_INVALID);
  }

  @Test
  void keyed_missingKey_isRefusedBeforeReading() {
    Schema table = schema(int64("id"), utf8("name"));
    BatchReader upload = new BatchReader(allocator, schema(utf8("name")), 1, (root, batch) -> {});

    assertThatThrownBy(() -> SourceReader.keyed(upload, table, List.of("id"), true, allocator))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("key column");
    assertThat(upload.batchesRead()).isZero();
  }

  private byte[] ipc(Schema schema, List<Map<String, @Nullable Object>> rows) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (VectorSchemaRoot root = Rows.root(allocator, schema, rows);
        ArrowStreamWriter writer = new ArrowStreamWriter(root, null, out)) {
      writer.writeBatch();
      writer.end();
    }
    return out.toByteArray();
  }
}
