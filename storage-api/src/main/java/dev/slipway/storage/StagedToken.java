package dev.slipway.storage;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The stable byte form of a staged write: a version byte, the common fields, then the backend's own
 * bytes. Readers refuse any other version.
 */
record StagedToken(
    TableId table, WriteKind kind, VersionRef base, StagedFacts facts, byte[] state) {
  private static final int FORMAT = 1;

  static byte[] encode(String backend, StagedWrite staged, byte[] state) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(state.length + 256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(backend);
      out.writeUTF(staged.table().database());
      out.writeUTF(staged.table().table());
      out.writeUTF(staged.kind().name());
      out.writeLong(staged.base().storageVersion());
      out.writeUTF(staged.base().transactionId());
      out.writeLong(staged.facts().rowsAdded());
      out.writeLong(staged.facts().rowsRemoved());
      out.writeLong(staged.facts().bytes());
      out.writeUTF(staged.facts().schemaFingerprint());
      out.writeInt(state.length);
      out.write(state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static StagedToken decode(String backend, byte[] token) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(token))) {
      int format = in.readUnsignedByte();
      if (format != FORMAT) {
        throw invalid("expected token format " + FORMAT + ", found " + format);
      }
      String minted = in.readUTF();
      if (!minted.equals(backend)) {
        throw invalid("expected a token of backend " + backend + ", found " + Text.quote(minted));
      }
      TableId table = new TableId(in.readUTF(), in.readUTF());
      WriteKind kind = WriteKind.valueOf(in.readUTF());
      VersionRef base = new VersionRef(in.readLong(), in.readUTF());
      StagedFacts facts =
          new StagedFacts(in.readLong(), in.readLong(), in.readLong(), in.readUTF());
      int length = in.readInt();
      if (length != in.available()) {
        throw invalid("expected " + length + " bytes of state, found " + in.available());
      }
      return new StagedToken(table, kind, base, facts, in.readNBytes(length));
    } catch (IOException | IllegalArgumentException e) {
      throw new StorageException(
          StorageErrorCode.TOKEN_INVALID, "the staged write's token is damaged", e);
    }
  }

  private static StorageException invalid(String message) {
    return new StorageException(StorageErrorCode.TOKEN_INVALID, message, null);
  }
}
