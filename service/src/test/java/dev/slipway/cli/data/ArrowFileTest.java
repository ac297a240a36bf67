package dev.slipway.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrow IPC as anybody may have written or damaged it. */
class ArrowFileTest {
  @TempDir private Path folder;
  private final BufferAllocator allocator = new RootAllocator(64 << 20);

  /** Arrow doesn't give back what it took for a batch that then turned out to be malformed. */
  private final BufferAllocator careless = new RootAllocator(64 << 20);

  @AfterEach
  void closeAllocator() {
    allocator.close();
  }

  @Test
  void open_ofTextAsArrow_isRefusedBeforeRoomIsMade() throws IOException {
    refused("id,v\n1,2\n".getBytes(UTF_8), "it begins with something else");
    refused("xxxx".repeat(1000).getBytes(UTF_8), "it begins with something else");
    refused(new byte[0], "it is empty");
    refused(new byte[] {1, 2}, "it ends within a length");
  }

  @Test
  void open_ofAStreamWithLengthsThatCannotBe_isRefused() throws IOException {
    byte[] stream = stream();
    refused(patched(stream, 4, Integer.MAX_VALUE), "it begins with something else");
    refused(patched(stream, 4, -5), "it begins with something else");

    int second = 8 + ByteBuffer.wrap(stream).order(ByteOrder.LITTLE_ENDIAN).getInt(4);
    refused(patched(stream, second + 4, 1 << 20), "message 2 claims 1048576 bytes of metadata");
  }

  @Test
  void open_ofAFileThatOnlyBeginsAsOne_isRefused() throws IOException {
    refused("ARROW1\0\0".getBytes(UTF_8), "it is cut off");
    refused("ARROW1\0\0junkjunkjunk".getBytes(UTF_8), "it doesn't end as one");
    refused("ARROW1\0\0junkjunkjunkARROW1".getBytes(UTF_8), "its footer's length is");
    refused("ARROW1\0\0junkjunk\4\0\0\0ARROW1".getBytes(UTF_8), "footer is malformed");
  }

  /** Whatever is cut off or changed: rows, or a message that names the file. */
  @Test
  void open_ofDamagedFilesAndStreams_isReadOrRefused() throws IOException {
    for (byte[] whole : List.of(stream(), file())) {
      for (int length = 0; length < whole.length; length += 7) {
        readOrRefused(Arrays.copyOf(whole, length));
      }
      for (int at = 0; at + 4 <= whole.length; at += 3) {
        readOrRefused(patched(whole, at, Integer.MAX_VALUE));
        readOrRefused(patched(whole, at, 0x40404040));
        readOrRefused(patched(whole, at, -9));
      }
    }
  }

  @Test
  void open_ofAFileThatIsCutOff_isRefused() throws IOException {
    byte[] whole = file();
    for (int length = 0; length < whole.length; length += 5) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThat(catchThrowable(() -> read(cut))).isInstanceOf(DataException.class);
    }
  }

  @Test
  void open_ofTwoStreamsInOneFile_isRefusedRatherThanHalfRead() throws IOException {
    byte[] stream = stream();
    byte[] two = Arrays.copyOf(stream, 2 * stream.length);
    System.arraycopy(stream, 0, two, stream.length, stream.length);
    assertThatThrownBy(() -> read(two)).hasMessageContaining("more after the end of its stream");
  }

  @Test
  void open_ofAZippedStream_readsIt_andOfAZippedFile_saysWhatToDo() throws IOException {
    assertThat(read(written("x.arrows.gz", zipped(stream())))).isEqualTo(3);
    assertThatThrownBy(() -> read(written("x.arrow.gz", zipped(file()))))
        .hasMessageContaining("x.arrow.gz: ")
        .hasMessageContaining("can't be compressed with gzip");
  }

  private void refused(byte[] bytes, String message) {
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("x.arrow: ")
        .hasMessageContaining(message);
  }

  private void readOrRefused(byte[] bytes) {
    Throwable failure = catchThrowable(() -> read(written("x.arrow", bytes), careless));
    if (failure != null) {
      assertThat(failure).isInstanceOf(DataException.class).hasMessageContaining("x.arrow: ");
    }
  }

  private int read(byte[] bytes) throws IOException {
    return read(written("x.arrow", bytes));
  }

  private int read(Path path) throws IOException {
    return read(path, allocator);
  }

  private static int read(Path path, BufferAllocator allocator) throws IOException {
    DataFile file = new DataFile(path, DataFormat.ARROW, Set.of());
    int rows = 0;
    try (ArrowReader reader =
        file.open(
            DataFile.schema(List.of(file), allocator, b -> {}), 100, allocator, bytes -> {})) {
      while (reader.loadNextBatch()) {
        rows += reader.getVectorSchemaRoot().getRowCount();
      }
    }
    return rows;
  }

  private Path written(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] patched(byte[] bytes, int at, int number) {
    byte[] copy = bytes.clone();
    ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putInt(at, number);
    return copy;
  }

  private static byte[] zipped(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  private byte[] stream() throws IOException {
    return rows((root, out) -> new ArrowStreamWriter(root, null, Channels.newChannel(out)));
  }

  private byte[] file() throws IOException {
    return rows((root, out) -> new ArrowFileWriter(root, null, Channels.newChannel(out)));
  }

  private interface Opening {
    ArrowWriter open(VectorSchemaRoot root, OutputStream out);
  }

  private byte[] rows(Opening opening) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BigIntVector ids = new BigIntVector("id", allocator)) {
      ids.setSafe(0, 1);
      ids.setSafe(2, 3);
      ids.setValueCount(3);
      try (VectorSchemaRoot root = VectorSchemaRoot.of(ids);
          ArrowWriter writer = opening.open(root, out)) {
        writer.start();
        writer.writeBatch();
        writer.end();
      }
    }
    return out.toByteArray();
  }
}
