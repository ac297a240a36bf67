package dev.slipway.storage.lance;

import dev.slipway.storage.Cancellation;
import dev.slipway.storage.SourceKeys;
import dev.slipway.storage.TableId;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * Upserts: the upload is written as new fragments while its keys are taken down, then the base's
 * rows with one of those keys are deleted. On another base only the second step is done again,
 * unless rows were merged.
 */
final class Upserts {
  private final TableHomes homes;
  private final FragmentWriter writer;
  private final RowRemoval removal;
  private final BufferAllocator allocator;
  private final long maxRows;

  /**
   * @param maxRows that one upsert may have
   */
  Upserts(
      TableHomes homes,
      FragmentWriter writer,
      RowRemoval removal,
      BufferAllocator allocator,
      long maxRows) {
    this.homes = homes;
    this.writer = writer;
    this.removal = removal;
    this.allocator = allocator;
    this.maxRows = maxRows;
  }

  /** The keys of an upload. */
  private static final class Keys {
    final SourceKeys rows;
    final KeyFilter filter;

    Keys(List<String> columns, long maxRows) {
      rows = new SourceKeys(columns, maxRows);
      filter = new KeyFilter(columns);
    }

    void add(VectorSchemaRoot batch) {
      rows.add(batch);
      filter.add(batch);
    }
  }

  /**
   * @param source the base's columns, in the base's order; not necessarily all
   */
  RowChange stage(
      OpenVersion base, List<String> keyColumns, ArrowReader source, Cancellation cancellation)
      throws IOException {
    Set<String> given = names(source.getVectorSchemaRoot().getSchema().getFields());
    Keys keys = new Keys(keyColumns, maxRows);
    List<StoredFragment> uploaded = writer.write(base.table(), source, keys::add).fragments();
    return given.size() == base.schema().getFields().size()
        ? replace(base, keyColumns, keys, uploaded, Carried.nothing(base), cancellation)
        : merge(base, keyColumns, keys, uploaded, given, cancellation);
  }

  /**
   * @param added what it added to its former base
   * @param carried what needn't be looked at again, unless rows are merged
   */
  RowChange redo(
      OpenVersion base,
      Redo.Upsert redo,
      List<StoredFragment> added,
      Carried carried,
      Cancellation cancellation)
      throws IOException {
    boolean merged = !redo.source().isEmpty();
    List<StoredFragment> uploaded = merged ? redo.source() : added;
    Keys keys = new Keys(redo.keys(), Long.MAX_VALUE);
    try (WrittenRows rows = written(base.table(), uploaded, redo.keys(), 0)) {
      for (var batch = rows.next(); batch != null; batch = rows.next()) {
        cancellation.check();
        keys.add(batch);
      }
    }
    return merged
        ? merge(base, redo.keys(), keys, uploaded, new LinkedHashSet<>(redo.given()), cancellation)
        : replace(base, redo.keys(), keys, uploaded, carried, cancellation);
  }

  private RowChange replace(
      OpenVersion base,
      List<String> keyColumns,
      Keys keys,
      List<StoredFragment> uploaded,
      Carried carried,
      Cancellation cancellation) {
    RowAddresses matched = new RowAddresses();
    match(
        base,
        carried.others(),
        keyColumns,
        keys,
        cancellation,
        (address, row) -> matched.add(address));
    return new RowChange(
        uploaded,
        removal.remove(base, matched, carried, cancellation),
        keys.rows.size(),
        new Redo.Upsert(keyColumns, List.of(), List.of()));
  }

  private RowChange merge(
      OpenVersion base,
      List<String> keyColumns,
      Keys keys,
      List<StoredFragment> uploaded,
      Set<String> given,
      Cancellation cancellation)
      throws IOException {
    RowAddresses matched = new RowAddresses();
    long[] replaced = new long[Math.toIntExact(keys.rows.size())];
    Arrays.fill(replaced, MergeReader.NONE);
    match(
        base,
        base.fragments(),
        keyColumns,
        keys,
        cancellation,
        (address, row) -> {
          matched.add(address);
          replaced[Math.toIntExact(row)] = address;
        });
    List<StoredFragment> added;
    long old = BatchRows.storedBytes(base.fragments());
    try (WrittenRows rows = written(base.table(), uploaded, List.copyOf(given), old);
        MergeReader merged =
            new MergeReader(base, rows, given, replaced, cancellation, allocator)) {
      added = writer.write(base.table(), merged).fragments();
    }
    return new RowChange(
        added,
        removal.remove(base, matched, Carried.nothing(base), cancellation),
        keys.rows.size(),
        new Redo.Upsert(keyColumns, uploaded, List.copyOf(given)));
  }

  private interface Match {
    void found(long address, long uploadedRow);
  }

  private static void match(
      OpenVersion base,
      List<StoredFragment> fragments,
      List<String> keyColumns,
      Keys keys,
      Cancellation cancellation,
      Match match) {
    if (keys.rows.size() == 0) {
      return;
    }
    RowScan.each(
        base,
        fragments,
        keyColumns,
        keys.filter.sql(),
        cancellation,
        batch -> {
          UInt8Vector addresses = (UInt8Vector) batch.getVector(RowAddresses.COLUMN);
          for (int i = 0; i < batch.getRowCount(); i++) {
            long row = keys.rows.find(batch, i);
            if (row >= 0) {
              match.found(addresses.get(i), row);
            }
          }
        });
  }

  private WrittenRows written(
      TableId table, List<StoredFragment> fragments, List<String> columns, long beside) {
    return new WrittenRows(homes, table, fragments, columns, beside, allocator);
  }

  private static Set<String> names(List<Field> fields) {
    Set<String> names = new LinkedHashSet<>();
    fields.forEach(field -> names.add(field.getName()));
    return names;
  }
}
