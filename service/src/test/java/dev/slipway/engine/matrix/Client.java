package dev.slipway.engine.matrix;

import static dev.slipway.engine.testkit.EngineFixture.TESTER;

import dev.slipway.engine.CommitOptions;
import dev.slipway.engine.Database;
import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.Expectation;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.SlipwayException;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteOperation;
import dev.slipway.engine.WriteTarget;
import dev.slipway.engine.fault.FaultyEngine;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.storage.testkit.Rows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** A client as they should be: it gives ids to all it does, so that it may do it again. */
public final class Client {
  /** The database every cell works on. */
  public static final String DATABASE = "crm";

  private final FaultyEngine engine;

  public Client(FaultyEngine engine) {
    this.engine = engine;
  }

  /** A write to stage: its table, what it does, and its rows, each with the same columns. */
  public record Staging(
      String table, WriteOperation operation, List<Map<String, @Nullable Object>> rows) {}

  public FaultyEngine engine() {
    return engine;
  }

  public Database database() {
    return engine.database(DATABASE);
  }

  /** Stages writes and commits them under a request id; repeating it is safe. */
  public long commit(String request, List<Staging> stagings, Expectation... expectations) {
    Database database = database();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < stagings.size(); i++) {
      String id = request + "-" + i;
      stage(id, stagings.get(i));
      ids.add(id);
    }
    CommitOptions options = options(request).withExpectations(List.of(expectations));
    return database.commit(TESTER, ReadAt.MAIN, ids, options).commit().revision();
  }

  /** Commits what is staged already. */
  public long commitStaged(String request, List<String> ids) {
    return database().commit(TESTER, ReadAt.MAIN, ids, options(request)).commit().revision();
  }

  /** Stages a write under an id; repeating it is safe. */
  public void stage(String id, Staging staging) {
    Database database = database();
    try (Upload upload = upload(database, staging);
        ArrowReader source = source(upload, staging)) {
      upload.stage(Optional.of(id), () -> "digest of " + id, data(staging, source));
    } catch (SlipwayException e) {
      // Its commit went through before: the commit's own request id gives the answer.
      if (e.reason() != ErrorReason.STAGED_WRITE_COMMITTED) {
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stages and commits in one call. */
  public long write(String request, Staging staging) {
    Database database = database();
    try (Upload upload = upload(database, staging);
        ArrowReader source = source(upload, staging)) {
      return upload.write(options(request), data(staging, source)).commit().revision();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Upload upload(Database database, Staging staging) {
    return database.upload(
        TESTER, new WriteTarget(ReadAt.MAIN, staging.table(), staging.operation()));
  }

  private ArrowReader source(Upload upload, Staging staging) {
    Schema columns = upload.schema().columns();
    if (staging.operation() instanceof WriteOperation.Upsert upsert && upsert.partial()) {
      Set<String> given = staging.rows().get(0).keySet();
      columns =
          new Schema(
              columns.getFields().stream()
                  .filter(column -> given.contains(column.getName()))
                  .toList());
    }
    return Rows.reader(engine.fixture().allocator(), columns, staging.rows());
  }

  private static Optional<ArrowReader> data(Staging staging, ArrowReader source) {
    return staging.operation().takesData() ? Optional.of(source) : Optional.empty();
  }

  public long createTable(String request, String table) {
    return database()
        .createTable(
            TESTER,
            ReadAt.MAIN,
            table,
            new TableSchema(EngineFixture.PEOPLE, List.of("id")),
            Optional.of(key(request)))
        .commit()
        .revision();
  }

  public long dropTable(String request, String table) {
    return database().dropTable(TESTER, ReadAt.MAIN, table, Optional.of(key(request))).revision();
  }

  public long renameTable(String request, String table, String name) {
    return database()
        .renameTable(TESTER, ReadAt.MAIN, table, name, Optional.of(key(request)))
        .commit()
        .revision();
  }

  static RequestKey key(String request) {
    return new RequestKey(request, () -> "digest of " + request);
  }

  /** Options with a request id, and the digest that {@link #commit} gives it. */
  public static CommitOptions options(String request) {
    return CommitOptions.NONE.withRequest(key(request));
  }
}
