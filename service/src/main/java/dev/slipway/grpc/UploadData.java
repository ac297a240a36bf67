package dev.slipway.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.WriteOperation;
import dev.slipway.grpc.payload.IpcReader;
import dev.slipway.grpc.payload.PayloadLimits;
import dev.slipway.grpc.payload.PayloadReader;
import dev.slipway.grpc.payload.RowReader;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The data of one upload: keeps to one form, finds gaps and repeats, feeds the digest. Messages are
 * added by one thread at a time, in order.
 */
final class UploadData {
  private final UploadFeed<ByteString> ipc;
  private final UploadFeed<List<Struct>> rows;
  private Form form = Form.NONE;
  private long received;

  private enum Form {
    NONE,
    ARROW_IPC,
    ROWS
  }

  UploadData(Runnable askForMore) {
    this.ipc = new UploadFeed<>(askForMore);
    this.rows = new UploadFeed<>(askForMore);
  }

  /**
   * Checks one message's data and passes it on.
   *
   * @return whether it had any
   */
  boolean add(UploadMessage message, UploadJob<?> job) {
    boolean hasIpc = !message.arrowIpc().isEmpty();
    boolean hasRows = !message.rows().isEmpty();
    if (hasIpc && hasRows) {
      throw Arguments.invalid("rows", "either arrow_ipc or rows, found both");
    }
    if (hasIpc || hasRows) {
      Form given = hasIpc ? Form.ARROW_IPC : Form.ROWS;
      if (!job.target().operation().takesData()) {
        throw Arguments.invalid(
            hasIpc ? "arrow_ipc" : "rows", "no data: deletes and updates take none");
      }
      if (form != Form.NONE && form != given) {
        throw Arguments.invalid(
            hasIpc ? "arrow_ipc" : "rows",
            "the form this upload began with, " + (hasIpc ? "rows" : "arrow_ipc"));
      }
      form = given;
    }
    checkOffset(message);
    if (hasIpc) {
      job.digest().ifPresent(digest -> digest.add(message.arrowIpc()));
      received += message.arrowIpc().size();
      ipc.add(message.arrowIpc());
    } else if (hasRows) {
      job.digest().ifPresent(digest -> digest.add(message.rows()));
      received += message.rows().size();
      rows.add(message.rows());
    }
    return hasIpc || hasRows;
  }

  private void checkOffset(UploadMessage message) {
    if (message.offset().isEmpty() || message.offset().getAsLong() == received) {
      return;
    }
    long offset = message.offset().getAsLong();
    throw SlipwayException.of(
            ErrorReason.OFFSET_GAP,
            "expected data at offset %d, found %d: %s; start the upload again at 0",
            received,
            offset,
            offset > received ? "some is missing" : "some was sent twice")
        .with("next_offset", received)
        .with("field", "offset");
  }

  void end() {
    ipc.end();
    rows.end();
  }

  void fail(SlipwayException why) {
    ipc.fail(why);
    rows.fail(why);
  }

  void stream() {
    ipc.stream();
    rows.stream();
  }

  /** Takes what is still to come as it is, so that the digest has all of it. */
  void drain() {
    UploadFeed<?> feed = form == Form.ARROW_IPC ? ipc : rows;
    while (feed.next() != null) {
      // Nothing asks what it says.
    }
  }

  /** The data as batches; no data at all is no rows. */
  Optional<PayloadReader> reader(
      BufferAllocator allocator, Schema table, WriteOperation operation, PayloadLimits limits) {
    if (!operation.takesData()) {
      return Optional.empty();
    }
    return Optional.of(
        form == Form.ARROW_IPC
            ? new IpcReader(allocator, ipc, limits)
            : new RowReader(allocator, table, operation instanceof WriteOperation.Upsert, rows));
  }
}
