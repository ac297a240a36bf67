package dev.slipway.grpc.payload;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Decodes an Arrow IPC stream that comes in pieces. Arrow's own reader believes the lengths it is
 * told; this one compares each with what is there before memory is taken for it. Values themselves
 * are left to whoever takes the batches. Dictionary-encoded columns come out plain.
 */
public final class IpcReader extends PayloadReader {
  private final IpcMessages messages;
  private final PayloadLimits limits;
  private final Dictionaries encodings;
  private List<IpcColumn> columns = List.of();

  /**
   * @param allocator the upload's own; closed by the caller after this
   */
  public IpcReader(BufferAllocator allocator, Pieces<ByteString> pieces, PayloadLimits limits) {
    super(allocator);
    this.messages = new IpcMessages(pieces, limits);
    this.limits = limits;
    this.encodings = new Dictionaries(messages, allocator);
  }

  /**
   * The schema of a whole IPC stream given at once; what follows it is not looked at.
   *
   * @throws dev.slipway.engine.SlipwayException {@code PAYLOAD_INVALID}
   */
  public static Schema schemaOf(ByteString stream) {
    Iterator<ByteString> once = List.of(stream).iterator();
    IpcMessages messages =
        new IpcMessages(() -> once.hasNext() ? once.next() : null, PayloadLimits.DEFAULT);
    Message first = messages.next();
    if (first == null) {
      throw messages.invalid("expected a schema, found nothing");
    }
    return plain(IpcSchema.read(messages, first, PayloadLimits.DEFAULT.maxFields()));
  }

  @Override
  public long bytesRead() {
    return messages.bytes().consumed();
  }

  @Override
  public void close() throws IOException {
    encodings.close();
    super.close();
  }

  @Override
  protected Schema schema() {
    Message first = messages.next();
    if (first == null) {
      throw messages.invalid("expected a schema, found nothing");
    }
    columns = IpcSchema.read(messages, first, limits.maxFields());
    columns.forEach(encodings::declare);
    return plain(columns);
  }

  @Override
  protected boolean load(VectorSchemaRoot root) {
    Message message = messages.next();
    while (message != null) {
      Message current = message;
      byte type = current.headerType();
      if (type == MessageHeader.RecordBatch) {
        RecordBatch batch = new RecordBatch();
        messages.decoded(() -> current.header(batch));
        root.setRowCount(loadBatch(batch, current.bodyLength(), columns, root.getFieldVectors()));
        return true;
      }
      if (type != MessageHeader.DictionaryBatch) {
        throw messages.invalid("expected a record batch, found message type %d", type);
      }
      loadDictionary(current);
      message = messages.next();
    }
    return false;
  }

  private void loadDictionary(Message message) {
    DictionaryBatch dictionary = new DictionaryBatch();
    RecordBatch batch = messages.decoded(() -> values(message, dictionary));
    long id = messages.decoded(dictionary::id);
    boolean delta = messages.decoded(dictionary::isDelta);
    IpcColumn values = encodings.values(id);
    try (FieldVector vector = values.plain().createVector(allocator)) {
      loadBatch(batch, message.bodyLength(), List.of(values), List.of(vector));
      encodings.put(id, vector, delta);
    }
  }

  private RecordBatch values(Message message, DictionaryBatch dictionary) {
    if (message.header(dictionary) == null || dictionary.data() == null) {
      throw messages.invalid("the dictionary is missing");
    }
    return dictionary.data();
  }

  private int loadBatch(
      RecordBatch batch, long bodyLength, List<IpcColumn> into, List<FieldVector> vectors) {
    IpcLayout layout = IpcLayout.read(messages, batch, bodyLength);
    try (ArrowBuf body = messages.bytes().read(bodyLength, allocator);
        IpcBody buffers = new IpcBody(messages, limits, layout, body, allocator)) {
      IpcLoader loader = new IpcLoader(messages, layout, buffers, encodings, allocator);
      for (int i = 0; i < into.size(); i++) {
        loader.load(into.get(i), vectors.get(i), layout.rows());
      }
      loader.requireAllUsed();
    }
    return layout.rows();
  }

  private static Schema plain(List<IpcColumn> columns) {
    return new Schema(new ArrayList<>(columns.stream().map(IpcColumn::plain).toList()));
  }
}
