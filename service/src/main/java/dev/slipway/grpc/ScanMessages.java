package dev.slipway.grpc;

import com.google.protobuf.Struct;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.grpc.payload.IpcWriter;
import dev.slipway.grpc.payload.JsonRows;
import dev.slipway.v1.ScanResponse;
import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;

/** The rows of a scan as messages of bounded size, made one at a time. */
abstract class ScanMessages {
  /** A message has about this many bytes of data; only a single row may make it larger. */
  static final int PIECE_BYTES = 1 << 20;

  private final ArrowReader reader;

  private ScanMessages(ArrowReader reader) {
    this.reader = reader;
  }

  static ScanMessages of(ArrowReader reader, boolean rows) {
    return rows ? new RowMessages(reader) : new IpcMessages(reader);
  }

  /** The next message; null at the end. */
  abstract ScanResponse.@Nullable Builder next();

  /** Loads the next batch; null at the end. */
  final @Nullable VectorSchemaRoot load() {
    try {
      return reader.loadNextBatch() ? reader.getVectorSchemaRoot() : null;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static SlipwayException unreadable(IOException e) {
    return SlipwayException.of(ErrorReason.INTERNAL, "a scan can't be read").causedBy(e);
  }

  private static final class IpcMessages extends ScanMessages {
    private final IpcWriter writer;
    private boolean ended;

    IpcMessages(ArrowReader reader) {
      super(reader);
      try {
        writer = new IpcWriter(reader.getVectorSchemaRoot().getSchema());
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    @Override
    ScanResponse.@Nullable Builder next() {
      while (!ended && writer.pending() < PIECE_BYTES / 2) {
        VectorSchemaRoot batch = load();
        if (batch != null) {
          writer.write(batch);
        } else {
          writer.end();
          ended = true;
        }
      }
      return writer.pending() == 0
          ? null
          : ScanResponse.newBuilder().setArrowIpc(writer.take(PIECE_BYTES));
    }
  }

  private static final class RowMessages extends ScanMessages {
    private @Nullable VectorSchemaRoot batch;
    private int row;

    RowMessages(ArrowReader reader) {
      super(reader);
    }

    @Override
    ScanResponse.@Nullable Builder next() {
      while (batch == null || row == batch.getRowCount()) {
        batch = load();
        row = 0;
        if (batch == null) {
          return null;
        }
      }
      ScanResponse.Builder message = ScanResponse.newBuilder();
      int bytes = 0;
      while (row < batch.getRowCount() && bytes < PIECE_BYTES) {
        Struct next = JsonRows.row(batch, row++);
        bytes += next.getSerializedSize();
        message.addRows(next);
      }
      return message;
    }
  }
}
