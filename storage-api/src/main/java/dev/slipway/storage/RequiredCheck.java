package dev.slipway.storage;

import dev.slipway.storage.StorageException.Detail;
import org.apache.arrow.memory.util.Float16;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.types.pojo.Field;

/** Refuses nulls where the table has none, in nested fields too. Rows are counted from 0. */
final class RequiredCheck {
  private final String column;
  private final long row;

  private RequiredCheck(String column, long row) {
    this.column = column;
    this.row = row;
  }

  /**
   * @param vector carries the table's own field; its contents are structurally sound
   * @param firstRow the number of the batch's first row in the upload
   * @throws StorageException {@code ROW_INVALID}
   */
  static void check(FieldVector vector, long firstRow) {
    Field field = vector.getField();
    if (!field.isNullable() && vector.getNullCount() > 0) {
      int row = firstNull(vector);
      throw refused("row %d: column %s is required, found null", firstRow + row, field);
    }
    if (field.getChildren().stream().anyMatch(RequiredCheck::requires)) {
      for (int i = 0; i < vector.getValueCount(); i++) {
        new RequiredCheck(field.getName(), firstRow + i).checkChildren(vector, i);
      }
    }
  }

  /**
   * @throws StorageException {@code ROW_INVALID} if a row has null or NaN there
   */
  static void checkKey(FieldVector vector, long firstRow) {
    if (vector.getNullCount() > 0) {
      int row = firstNull(vector);
      throw refused("row %d: key column %s is null", firstRow + row, vector.getField());
    }
    for (int i = 0; i < vector.getValueCount(); i++) {
      if (isNan(vector, i)) {
        throw refused("row %d: key column %s is NaN", firstRow + i, vector.getField());
      }
    }
  }

  private static boolean isNan(FieldVector vector, int index) {
    if (vector instanceof Float8Vector doubles) {
      return Double.isNaN(doubles.get(index));
    }
    if (vector instanceof Float4Vector floats) {
      return Float.isNaN(floats.get(index));
    }
    return vector instanceof Float2Vector halves && Float.isNaN(Float16.toFloat(halves.get(index)));
  }

  private static int firstNull(FieldVector vector) {
    int row = 0;
    while (!vector.isNull(row)) {
      row++;
    }
    return row;
  }

  private static boolean requires(Field field) {
    return !field.isNullable() || field.getChildren().stream().anyMatch(RequiredCheck::requires);
  }

  private void checkChildren(FieldVector parent, int index) {
    if (parent.isNull(index)) {
      return;
    }
    if (parent instanceof LargeListVector list) {
      checkElements(parent, list.getElementStartIndex(index), list.getElementEndIndex(index));
    } else if (parent instanceof BaseListVector list) {
      checkElements(parent, list.getElementStartIndex(index), list.getElementEndIndex(index));
    } else {
      parent.getChildrenFromFields().forEach(child -> checkValue(child, index));
    }
  }

  private void checkElements(FieldVector list, long start, long end) {
    FieldVector elements = list.getChildrenFromFields().get(0);
    for (int i = (int) start; i < end; i++) {
      checkValue(elements, i);
    }
  }

  private void checkValue(FieldVector vector, int index) {
    if (!vector.getField().isNullable() && vector.isNull(index)) {
      throw StorageException.of(
              StorageErrorCode.ROW_INVALID,
              "row %d: in column %s, %s is required, found null",
              row,
              Text.quote(column),
              Text.quote(vector.getField().getName()))
          .with(Detail.ROW, row)
          .with(Detail.COLUMN, column);
    }
    checkChildren(vector, index);
  }

  private static StorageException refused(String format, long row, Field field) {
    return StorageException.of(
            StorageErrorCode.ROW_INVALID, format, row, Text.quote(field.getName()))
        .with(Detail.ROW, row)
        .with(Detail.COLUMN, field.getName());
  }
}
