package dev.slipway.storage.memory;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Cancellation;
import dev.slipway.storage.SourceKeys;
import dev.slipway.storage.memory.OpenVersion.Piece;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Operand.NullLiteral;
import dev.slipway.storage.predicate.Predicate;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Works out what a write does to one base, as new chunks and deletion sets in its home. */
final class Staging {
  private static final int RUN_ROWS = 8_192;

  private final OpenVersion base;
  private final MemoryArena arena;
  private final Schema schema;
  private final Cancellation cancellation;

  /** A worked-out write, and how many of the base's rows it removes. */
  record Result(MemoryStagedState state, long rowsRemoved) {}

  /** Where in the base each source row's predecessor is; the last one, if there are several. */
  private record Matches(int[] pieces, int[] rows) {
    static Matches none(int size) {
      int[] pieces = new int[size];
      Arrays.fill(pieces, -1);
      return new Matches(pieces, new int[size]);
    }
  }

  Staging(OpenVersion base, MemoryArena arena, Cancellation cancellation) {
    this.base = base;
    this.arena = arena;
    this.schema = base.manifest().schema();
    this.cancellation = cancellation;
  }

  /** New rows that don't depend on the base's. */
  MemoryStagedState rows(ArrowReader source) throws IOException {
    try (ChunkWriter writer = writer(schema, ".chunk")) {
      while (source.loadNextBatch()) {
        writer.append(source.getVectorSchemaRoot());
      }
      MemoryStagedState state =
          new MemoryStagedState(writer.written(), List.of(), new Redo.AsItIs());
      writer.keep();
      return state;
    }
  }

  /** Reads the source, which may lack columns if {@code partial}, and does the upsert. */
  Result upsert(List<String> keyColumns, ArrowReader source, boolean partial, long maxRows)
      throws IOException {
    SourceKeys keys = new SourceKeys(keyColumns, maxRows);
    Schema given = source.getVectorSchemaRoot().getSchema();
    boolean lacking = partial && given.getFields().size() < schema.getFields().size();
    try (ChunkWriter writer = writer(given, lacking ? ".source" : ".chunk")) {
      while (source.loadNextBatch()) {
        VectorSchemaRoot batch = source.getVectorSchemaRoot();
        keys.add(batch);
        writer.append(batch);
      }
      Result result = upsert(new Redo.Upsert(keyColumns, lacking, writer.written()), keys);
      writer.keep();
      return result;
    }
  }

  /** Does an upsert whose source is in chunks already. */
  Result upsert(Redo.Upsert upsert, long maxRows) {
    SourceKeys keys = new SourceKeys(upsert.keyColumns(), maxRows);
    try (EnteredChunks chunks = EnteredChunks.of(base.home(), upsert.source())) {
      for (Chunk chunk : chunks.list()) {
        cancellation.check();
        keys.add(chunk.root());
      }
    }
    return upsert(upsert, keys);
  }

  Result delete(Redo.Delete delete) {
    Deletions deletions = new Deletions(base);
    MatchingRuns runs = runs(Optional.of(delete.predicate()));
    while (runs.next(RUN_ROWS)) {
      deletions.add(runs.pieceIndex(), runs.start(), runs.count());
    }
    return result(List.of(), deletions, delete);
  }

  Result update(Redo.Update update) {
    Deletions deletions = new Deletions(base);
    List<Field> fields = schema.getFields();
    int length = (int) Math.min(RUN_ROWS, base.manifest().rows());
    try (ChunkWriter writer = writer(schema, ".chunk");
        Constants constants = new Constants(arena.allocator(), length)) {
      FieldVector[] literals = new FieldVector[fields.size()];
      int[] columns = new int[fields.size()];
      Arrays.setAll(columns, i -> i);
      for (Assignment assignment : update.assignments()) {
        int target = fields.indexOf(schema.findField(assignment.column()));
        if (assignment.value() instanceof Column column) {
          columns[target] = fields.indexOf(schema.findField(column.name()));
        } else {
          literals[target] = constants.of(fields.get(target), (Literal) assignment.value());
        }
      }
      ColumnRuns written = new ColumnRuns(writer, fields.size());
      MatchingRuns runs = runs(update.predicate());
      while (runs.next(RUN_ROWS)) {
        int start = runs.start();
        int count = runs.count();
        VectorSchemaRoot root = runs.piece().chunk().root();
        deletions.add(runs.pieceIndex(), start, count);
        written.add(
            count,
            i ->
                literals[i] != null
                    ? new Segment(literals[i], 0, count)
                    : new Segment(root.getVector(columns[i]), start, count));
      }
      written.flush();
      Result result = result(writer.written(), deletions, update);
      writer.keep();
      return result;
    }
  }

  private Result upsert(Redo.Upsert upsert, SourceKeys keys) {
    Deletions deletions = new Deletions(base);
    Matches matches = Matches.none(upsert.partial() ? (int) keys.size() : 0);
    MatchingRuns runs = runs(Optional.empty());
    while (keys.size() > 0 && runs.next(RUN_ROWS)) {
      VectorSchemaRoot root = runs.piece().chunk().root();
      for (int row = runs.start(); row < runs.start() + runs.count(); row++) {
        int source = (int) keys.find(root, row);
        if (source >= 0) {
          deletions.add(runs.pieceIndex(), row, 1);
          if (upsert.partial()) {
            matches.pieces[source] = runs.pieceIndex();
            matches.rows[source] = row;
          }
        }
      }
    }
    if (!upsert.partial()) {
      return result(upsert.source(), deletions, upsert);
    }
    try (ChunkWriter writer = writer(schema, ".chunk")) {
      merge(upsert.source(), matches, writer);
      Result result = result(writer.written(), deletions, upsert);
      writer.keep();
      return result;
    }
  }

  /** Source rows with what they lack taken from their predecessors, or null. */
  private void merge(List<Manifest.Part> source, Matches matches, ChunkWriter writer) {
    List<Field> fields = schema.getFields();
    try (EnteredChunks chunks = EnteredChunks.of(base.home(), source);
        Constants constants = new Constants(arena.allocator(), 1)) {
      List<FieldVector> nulls =
          fields.stream().map(field -> constants.of(field, new NullLiteral())).toList();
      ColumnRuns written = new ColumnRuns(writer, fields.size());
      int first = 0;
      for (Chunk chunk : chunks.list()) {
        cancellation.check();
        for (int i = 0; i < chunk.rows(); i++) {
          int row = i;
          int match = first + i;
          written.add(
              1,
              column -> {
                FieldVector given = chunk.root().getVector(fields.get(column).getName());
                if (given != null) {
                  return new Segment(given, row, 1);
                }
                if (matches.pieces[match] < 0) {
                  return new Segment(nulls.get(column), 0, 1);
                }
                Piece piece = base.pieces().get(matches.pieces[match]);
                return new Segment(piece.chunk().root().getVector(column), matches.rows[match], 1);
              });
        }
        first += chunk.rows();
      }
      written.flush();
    }
  }

  private Result result(List<Manifest.Part> added, Deletions deletions, Redo redo) {
    return new Result(new MemoryStagedState(added, deletions.write(arena), redo), deletions.rows());
  }

  private ChunkWriter writer(Schema written, String suffix) {
    return new ChunkWriter(base.home(), arena, written, suffix);
  }

  private MatchingRuns runs(Optional<Predicate> filter) {
    return new MatchingRuns(base, filter, cancellation);
  }
}
