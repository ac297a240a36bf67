package dev.slipway.grpc.payload;

import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * A column as an upload has it.
 *
 * @param plain the column without dictionary encoding
 * @param dictionary how its values are encoded, if they are
 * @param children empty if the column has a dictionary
 */
record IpcColumn(Field plain, Optional<Dictionary> dictionary, List<IpcColumn> children) {
  IpcColumn {
    children = List.copyOf(children);
  }

  /** Whether any part of it has a dictionary. */
  boolean encoded() {
    return dictionary.isPresent() || children.stream().anyMatch(IpcColumn::encoded);
  }

  /**
   * A dictionary.
   *
   * @param id which one; several columns may share it
   */
  record Dictionary(long id, ArrowType.Int indexType) {}
}
