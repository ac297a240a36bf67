package dev.slipway.grpc;

import com.google.protobuf.Struct;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableScan;
import dev.slipway.grpc.payload.IpcWriter;
import dev.slipway.grpc.payload.JsonRows;
import dev.slipway.v1.ScanResponse;
import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a scan as messages of bounded size, made one at a time. There is at least one, and
 * the first has the revision read.
 */
abstract class ScanMessages implements AutoCloseable {
  /** A message has about this many bytes of data; only a single row may make it larger. */
  static final int PIECE_BYTES = 1 << 20;

  private final TableScan scan;
  private boolean first = true;

  private ScanMessages(TableScan scan) {
    this.scan = scan;
  }

  /** The scan stays the caller's, who closes it after these. */
  static ScanMessages of(TableScan scan, boolean rows) {
    return rows ? new RowMessages(scan) : new IpcMessages(scan);
  }

  /** The next message, to be closed before the one after it is made; null at the end. */
  abstract @Nullable ScanPiece next();

  /** Lets go of what was read and not sent. */
  @Override
  public abstract void close();

  final boolean isFirst() {
    return first;
  }

  /** The next message, without its rows. */
  final ScanResponse.Builder begin() {
    ScanResponse.Builder message = ScanResponse.newBuilder();
    if (first) {
      first = false;
      message.setRevision(scan.revision());
    }
    return message;
  }

  /** Loads the next batch; null at the end. */
  final @Nullable VectorSchemaRoot load() {
    try {
      ArrowReader reader = scan.reader();
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

    IpcMessages(TableScan scan) {
      super(scan);
      try {
        writer = new IpcWriter(scan.reader().getVectorSchemaRoot().getSchema());
      } catch (IOException e) {
        throw unreadable(e);
      }
    }

    @Override
    @Nullable ScanPiece next() {
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
          : new ScanPiece(begin().build(), writer.take(PIECE_BYTES));
    }

    @Override
    public void close() {
      writer.close();
    }
  }

  private static final class RowMessages extends ScanMessages {
    private @Nullable VectorSchemaRoot batch;
    private int row;

    RowMessages(TableScan scan) {
      super(scan);
    }

    @Override
    @Nullable ScanPiece next() {
      while (batch == null || row == batch.getRowCount()) {
        batch = load();
        row = 0;
        if (batch == null) {
          return isFirst() ? new ScanPiece(begin().build(), null) : null;
        }
      }
      ScanResponse.Builder message = begin();
      int bytes = 0;
      while (row < batch.getRowCount() && bytes < PIECE_BYTES) {
        Struct next = JsonRows.row(batch, row++);
        bytes += next.getSerializedSize();
        message.addRows(next);
      }
      return new ScanPiece(message.build(), null);
    }

    @Override
    public void close() {
      // Holds the reader's batch only.
    }
  }
}
