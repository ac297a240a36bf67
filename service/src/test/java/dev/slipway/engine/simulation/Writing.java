package dev.slipway.engine.simulation;

import static dev.slipway.engine.testkit.EngineFixture.person;

import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.matrix.Model;
import dev.slipway.engine.matrix.Model.RowChange;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;

/**
 * One write to one table.
 *
 * @param effect what becomes of the table's rows
 * @param exclusive whether it is refused if another changed the table since it was staged
 */
record Writing(
    String table,
    WriteOperation operation,
    List<Map<String, @Nullable Object>> rows,
    RowChange effect,
    boolean exclusive) {

  /** A few rows that clients contend for. */
  private static final int SHARED_ROWS = 4;

  /**
   * Any write.
   *
   * @param fresh an id that no row has
   * @param repeatable whether it must be one that does no harm if it is done again later
   */
  static Writing any(RandomGenerator random, String table, long fresh, boolean repeatable) {
    long shared = 1 + random.nextLong(SHARED_ROWS);
    return switch (random.nextInt(9)) {
      case 0, 1 -> upsert(table, List.of(person(shared, "up", fresh), person(fresh, "up", 0)));
      case 2 -> update(table, shared, fresh);
      case 3 ->
          new Writing(
              table,
              new WriteOperation.Delete(Optional.of("id = " + shared)),
              List.of(),
              rows -> rows.remove(shared),
              false);
      case 4 -> {
        Map<String, @Nullable Object> row = person(fresh, "over", 0);
        yield new Writing(
            table,
            new WriteOperation.Overwrite(),
            List.of(row),
            rows -> {
              rows.clear();
              rows.put(fresh, row);
            },
            true);
      }
      case 5 -> append(table, fresh, true);
      default -> plain(table, fresh, repeatable);
    };
  }

  /** A new row, which nothing may refuse. */
  static Writing plain(String table, long fresh, boolean repeatable) {
    return repeatable
        ? upsert(table, List.of(person(fresh, "new", 0)))
        : append(table, fresh, false);
  }

  private static Writing append(String table, long fresh, boolean unique) {
    List<Map<String, @Nullable Object>> rows = List.of(person(fresh, "new", 0));
    return new Writing(table, new WriteOperation.Append(unique), rows, put(rows), unique);
  }

  private static Writing upsert(String table, List<Map<String, @Nullable Object>> rows) {
    return new Writing(table, new WriteOperation.Upsert(false), rows, put(rows), false);
  }

  private static Writing update(String table, long id, long age) {
    return new Writing(
        table,
        new WriteOperation.Update(Map.of("age", Long.toString(age)), Optional.of("id = " + id)),
        List.of(),
        rows ->
            rows.computeIfPresent(
                id,
                (key, row) -> {
                  Map<String, @Nullable Object> changed = new LinkedHashMap<>(row);
                  changed.put("age", age);
                  return changed;
                }),
        false);
  }

  private static RowChange put(List<Map<String, @Nullable Object>> added) {
    return rows -> added.forEach(row -> rows.put(Model.id(row), row));
  }

  /**
   * What it makes of the tables.
   *
   * @param name what its table is called by now
   */
  Model applyTo(Model model, String name) {
    return model.change(name, effect);
  }

  /** Stages it under an id; repeating it is safe. */
  void stage(Database database, CallContext context, BufferAllocator allocator, String id) {
    try (Upload upload = upload(database, context);
        ArrowReader source = source(upload, allocator)) {
      var unused = upload.stage(Optional.of(id), () -> "digest of " + id, data(source));
    } catch (SlipwayException e) {
      // It is committed: the commit's own request id tells by whom.
      if (e.reason() != ErrorReason.STAGED_WRITE_COMMITTED) {
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stages and commits it in one call. */
  long write(
      Database database, CallContext context, BufferAllocator allocator, CommitOptions options) {
    try (Upload upload = upload(database, context);
        ArrowReader source = source(upload, allocator)) {
      return upload.write(options, data(source)).commit().revision();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Upload upload(Database database, CallContext context) {
    return database.upload(context, new WriteTarget(ReadAt.MAIN, table, operation));
  }

  private ArrowReader source(Upload upload, BufferAllocator allocator) {
    return Rows.reader(allocator, upload.schema().columns(), rows);
  }

  private Optional<ArrowReader> data(ArrowReader source) {
    return operation.takesData() ? Optional.of(source) : Optional.empty();
  }
}
