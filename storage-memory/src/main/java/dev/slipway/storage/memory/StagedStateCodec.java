package dev.slipway.storage.memory;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import dev.slipway.storage.memory.MemoryStagedState.Thinned;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.PredicateCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The bytes of a staged write's state. */
final class StagedStateCodec {
  private static final int AS_IT_IS = 0;
  private static final int UPSERT = 1;
  private static final int DELETE = 2;
  private static final int UPDATE = 3;

  private interface Writer<T> {
    void write(T value) throws IOException;
  }

  private interface Reader<T> {
    T read() throws IOException;
  }

  private StagedStateCodec() {}

  static byte[] encode(MemoryStagedState state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      writeParts(out, state.added());
      writeAll(
          out,
          state.thinned(),
          thinned -> {
            out.writeUTF(thinned.chunk());
            writeDeleted(out, thinned.deleted());
          });
      writeRedo(out, state.redo());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static MemoryStagedState decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      List<Manifest.Part> added = readParts(in);
      List<Thinned> thinned = readAll(in, () -> new Thinned(in.readUTF(), readDeleted(in)));
      MemoryStagedState state = new MemoryStagedState(added, thinned, readRedo(in));
      if (in.available() > 0) {
        throw invalid(in.available() + " bytes too many", null);
      }
      return state;
    } catch (IOException e) {
      throw invalid("it ends too early", e);
    }
  }

  private static void writeRedo(DataOutputStream out, Redo redo) throws IOException {
    if (redo instanceof Redo.Upsert upsert) {
      out.writeByte(UPSERT);
      writeAll(out, upsert.keyColumns(), out::writeUTF);
      out.writeBoolean(upsert.partial());
      writeParts(out, upsert.source());
    } else if (redo instanceof Redo.Delete delete) {
      out.writeByte(DELETE);
      PredicateCodec.write(delete.predicate(), out);
    } else if (redo instanceof Redo.Update update) {
      out.writeByte(UPDATE);
      writeAll(
          out,
          update.assignments(),
          assignment -> {
            out.writeUTF(assignment.column());
            PredicateCodec.write(assignment.value(), out);
          });
      out.writeBoolean(update.predicate().isPresent());
      if (update.predicate().isPresent()) {
        PredicateCodec.write(update.predicate().get(), out);
      }
    } else {
      out.writeByte(AS_IT_IS);
    }
  }

  private static Redo readRedo(DataInputStream in) throws IOException {
    int kind = in.readUnsignedByte();
    return switch (kind) {
      case AS_IT_IS -> new Redo.AsItIs();
      case UPSERT -> new Redo.Upsert(readAll(in, in::readUTF), in.readBoolean(), readParts(in));
      case DELETE -> new Redo.Delete(PredicateCodec.readPredicate(in));
      case UPDATE ->
          new Redo.Update(
              readAll(in, () -> new Assignment(in.readUTF(), PredicateCodec.readOperand(in))),
              readOptionalPredicate(in));
      default -> throw invalid("unknown kind " + kind, null);
    };
  }

  private static Optional<Predicate> readOptionalPredicate(DataInputStream in) throws IOException {
    return in.readBoolean() ? Optional.of(PredicateCodec.readPredicate(in)) : Optional.empty();
  }

  private static void writeParts(DataOutputStream out, List<Manifest.Part> parts)
      throws IOException {
    writeAll(
        out,
        parts,
        part -> {
          out.writeUTF(part.chunk());
          out.writeInt(part.rows());
          out.writeLong(part.bytes());
        });
  }

  private static List<Manifest.Part> readParts(DataInputStream in) throws IOException {
    return readAll(
        in, () -> new Manifest.Part(in.readUTF(), in.readInt(), in.readLong(), Optional.empty()));
  }

  private static void writeDeleted(DataOutputStream out, Optional<Manifest.Deleted> deleted)
      throws IOException {
    out.writeBoolean(deleted.isPresent());
    if (deleted.isPresent()) {
      out.writeUTF(deleted.get().set());
      out.writeInt(deleted.get().rows());
      out.writeLong(deleted.get().bytes());
    }
  }

  private static Optional<Manifest.Deleted> readDeleted(DataInputStream in) throws IOException {
    return in.readBoolean()
        ? Optional.of(new Manifest.Deleted(in.readUTF(), in.readInt(), in.readLong()))
        : Optional.empty();
  }

  private static <T> void writeAll(DataOutputStream out, List<T> values, Writer<T> writer)
      throws IOException {
    out.writeInt(values.size());
    for (T value : values) {
      writer.write(value);
    }
  }

  private static <T> List<T> readAll(DataInputStream in, Reader<T> reader) throws IOException {
    int count = in.readInt();
    List<T> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(reader.read());
    }
    return values;
  }

  private static StorageException invalid(String why, @Nullable Throwable cause) {
    return new StorageException(
        StorageErrorCode.TOKEN_INVALID, "the staged write's state is damaged: " + why, cause);
  }
}
