package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.function.Supplier;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.jspecify.annotations.Nullable;

/**
 * The framing of an Arrow IPC stream: a length, metadata, a body whose length the metadata says.
 */
final class IpcMessages {
  private static final int CONTINUATION = 0xFFFFFFFF;

  private final PieceBytes bytes;
  private final PayloadLimits limits;
  private int count;
  private boolean ended;

  IpcMessages(Pieces<ByteString> pieces, PayloadLimits limits) {
    this.bytes = new PieceBytes(pieces);
    this.limits = limits;
  }

  PieceBytes bytes() {
    return bytes;
  }

  /**
   * The next message's metadata, its body not yet read; null at the end. What it says is only
   * checked as far as framing goes.
   */
  @Nullable Message next() {
    if (ended || bytes.atEnd()) {
      return null;
    }
    count++;
    int length = bytes.readInt();
    if (length == CONTINUATION) {
      length = bytes.readInt();
    }
    if (length == 0) {
      ended = true;
      if (!bytes.atEnd()) {
        throw invalid("there is data after the end-of-stream marker; an upload is one stream");
      }
      return null;
    }
    if (length < 0 || length > limits.maxMetadataBytes()) {
      throw invalid(
          "expected metadata of 1 to %d bytes, found a length of %d%s",
          limits.maxMetadataBytes(),
          length,
          count == 1 ? "; is this an Arrow IPC stream (not a file, Parquet or Feather)?" : "");
    }
    ByteBuffer metadata = ByteBuffer.wrap(bytes.read(length)).order(ByteOrder.LITTLE_ENDIAN);
    return decoded(() -> checked(metadata));
  }

  private Message checked(ByteBuffer metadata) {
    Message message = Message.getRootAsMessage(metadata);
    if (message.version() < MetadataVersion.V4 || message.version() > MetadataVersion.V5) {
      throw invalid("expected metadata version V4 or V5, found V%d", message.version() + 1);
    }
    if (message.bodyLength() < 0) {
      throw invalid("the body length is negative: %d", message.bodyLength());
    }
    if (message.bodyLength() > limits.maxBatchBytes()) {
      throw tooLarge(message.bodyLength());
    }
    return message;
  }

  /** Runs a step that reads metadata, whose offsets may lead anywhere. */
  <T> T decoded(Supplier<T> step) {
    try {
      return step.get();
    } catch (SlipwayException e) {
      throw e;
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw invalid("the metadata is malformed").causedBy(e);
    }
  }

  SlipwayException invalid(String format, Object... args) {
    return SlipwayException.of(
            ErrorReason.PAYLOAD_INVALID,
            "Arrow IPC message %d (before byte %d): %s",
            count,
            bytes.consumed(),
            String.format(Locale.ROOT, format, args))
        .with("field", "arrow_ipc")
        .with("position", bytes.consumed());
  }

  SlipwayException tooLarge(long found) {
    return SlipwayException.of(
            ErrorReason.TOO_LARGE,
            "Arrow IPC message %d: a record batch has at most %d bytes, also once decompressed;"
                + " found %d. Send smaller batches",
            count,
            limits.maxBatchBytes(),
            found)
        .with("limit", limits.maxBatchBytes());
  }
}
