package dev.slipway.grpc.payload;

import dev.slipway.storage.Text;
import dev.slipway.storage.VectorCheck;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.util.TransferPair;
import org.apache.arrow.vector.util.VectorBatchAppender;

/** The dictionaries of one upload; their values are checked in full before anything is copied. */
final class Dictionaries implements AutoCloseable {
  private final IpcMessages messages;
  private final BufferAllocator allocator;
  private final Map<Long, IpcColumn> columns = new HashMap<>();
  private final Map<Long, FieldVector> values = new HashMap<>();

  Dictionaries(IpcMessages messages, BufferAllocator allocator) {
    this.messages = messages;
    this.allocator = allocator;
  }

  void declare(IpcColumn column) {
    column.children().forEach(this::declare);
    if (column.dictionary().isEmpty()) {
      return;
    }
    long id = column.dictionary().get().id();
    IpcColumn known = columns.putIfAbsent(id, of(column.plain()));
    if (known != null
        && !(known.plain().getType().equals(column.plain().getType())
            && known.plain().getChildren().equals(column.plain().getChildren()))) {
      throw messages.invalid("dictionary %d is used for two types", id);
    }
  }

  /** What a dictionary's values look like. */
  IpcColumn values(long id) {
    IpcColumn column = columns.get(id);
    if (column == null) {
      throw messages.invalid("no column has dictionary %d", id);
    }
    return column;
  }

  /** Takes the vector's values over; as additions to what is known if {@code delta}. */
  void put(long id, FieldVector vector, boolean delta) {
    VectorCheck.check("dictionary " + id, vector, vector.getValueCount());
    FieldVector known = values.get(id);
    if (delta && known != null) {
      VectorBatchAppender.batchAppend(known, vector);
      return;
    }
    TransferPair transfer = vector.getTransferPair(allocator);
    transfer.transfer();
    values.put(id, (FieldVector) transfer.getTo());
    if (known != null) {
      known.close();
    }
  }

  /** Fills the empty plain vector with what the indices stand for. */
  void decode(long id, FieldVector indices, FieldVector into) {
    FieldVector dictionary = values.get(id);
    int known = dictionary == null ? 0 : dictionary.getValueCount();
    BaseIntVector index = (BaseIntVector) indices;
    int count = indices.getValueCount();
    into.setInitialCapacity(count);
    into.allocateNew();
    TransferPair copy = dictionary == null ? null : dictionary.makeTransferPair(into);
    for (int i = 0; i < count; i++) {
      if (indices.isNull(i)) {
        continue;
      }
      long at = index.getValueAsLong(i);
      if (at < 0 || at >= known || copy == null) {
        throw messages.invalid(
            "column %s: value %d is entry %d of dictionary %d, which has %d",
            Text.quote(into.getField().getName()), i, at, id, known);
      }
      copy.copyValueSafe((int) at, i);
    }
    into.setValueCount(count);
  }

  @Override
  public void close() {
    values.values().forEach(FieldVector::close);
    values.clear();
  }

  private static IpcColumn of(Field field) {
    return new IpcColumn(
        field, Optional.empty(), field.getChildren().stream().map(Dictionaries::of).toList());
  }
}
