package dev.slipway.engine.log;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.slipway.storage.MetadataStore;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The objects of one log: {@code <home>/log/<revision>}, each written once by put-if-absent. Safe
 * for use by many threads.
 */
public final class LogStore {
  private static final int FORMAT = 1;
  private static final byte[] HOLLOW = MetadataStore.HOLLOW.getBytes(StandardCharsets.UTF_8);

  private final MetadataStore store;
  private final String prefix;
  private final VerdictStore verdicts;

  /**
   * @param home {@code catalog}, or {@code db/<incarnation>}
   */
  public LogStore(MetadataStore store, String home) {
    this.store = store;
    this.prefix = Layout.Folder.LOG.in(home);
    this.verdicts = new VerdictStore(store, home);
  }

  /** What stands under a log key. */
  public sealed interface Found {
    record Absent() implements Found {}

    /** Cleanup has replaced it: the state must come from a checkpoint. */
    record Hollow() implements Found {}

    record Batch(LogBatch batch) implements Found {}
  }

  /** How a put ended. */
  public enum Put {
    /** The batch is in the log. */
    PUBLISHED,
    /** Another batch has the key. */
    LOST
  }

  /** What operators decided on records of this log. */
  public VerdictStore verdicts() {
    return verdicts;
  }

  /** The bytes under a revision's key, whatever they are. */
  public Optional<byte[]> bytes(long revision) {
    return store.get(key(revision));
  }

  /** First revisions of the records there are, greater than {@code after}, in order. */
  public List<Long> revisions(long after, int limit) {
    return store.list(prefix, after < 0 ? "" : key(after), limit).stream()
        .map(key -> Long.parseLong(key.substring(prefix.length())))
        .toList();
  }

  /**
   * All of them, in order.
   *
   * @param page how many are listed at once
   */
  public void forEachRevision(int page, LongConsumer action) {
    Keys.forEach(
        store, prefix, page, key -> action.accept(Long.parseLong(key.substring(prefix.length()))));
  }

  /**
   * A record with a verdict on it is one of {@link LogEntry.Voided} entries.
   *
   * @throws CorruptRecordException if what stands there can't be read
   */
  public Found read(long revision) {
    String key = key(revision);
    Optional<byte[]> bytes = store.get(key);
    if (bytes.isEmpty()) {
      return new Found.Absent();
    }
    if (isHollow(bytes.get())) {
      return new Found.Hollow();
    }
    Verdict verdict = verdicts.all().get(revision);
    if (verdict != null && verdict.isOn(bytes.get())) {
      return new Found.Batch(
          new LogBatch(
              "",
              "",
              revision,
              Collections.nCopies(verdict.entries(), LogEntry.Voided.by(verdict.actor()))));
    }
    return new Found.Batch(parse(revision, bytes.get()));
  }

  /**
   * The record, without regard to verdicts.
   *
   * @throws CorruptRecordException if it can't be read
   */
  public LogBatch parse(long revision, byte[] bytes) {
    String key = key(revision);
    Stored stored = SealedJson.open(key, bytes, Stored.class);
    if (stored.format() != FORMAT) {
      throw new CorruptRecordException(
          key, "expected format " + FORMAT + ", found " + stored.format(), null);
    }
    if (stored.first() != revision || stored.entries().isEmpty()) {
      throw new CorruptRecordException(
          key, "it says it begins at revision " + stored.first(), null);
    }
    return new LogBatch(stored.incarnation(), stored.nonce(), stored.first(), stored.entries());
  }

  /**
   * One attempt to publish; exactly one batch ever gets a key.
   *
   * @throws StorageException {@code OUTCOME_UNKNOWN} or {@code UNAVAILABLE}: read the key back
   */
  public Put publish(LogBatch batch) {
    if (store.putIfAbsent(key(batch.first()), encode(batch))) {
      return Put.PUBLISHED;
    }
    return isOurs(batch)
            .orElseThrow(
                () ->
                    StorageException.of(
                        StorageErrorCode.OUTCOME_UNKNOWN,
                        "%s is occupied and absent at once",
                        key(batch.first())))
        ? Put.PUBLISHED
        : Put.LOST;
  }

  /** After an unclear answer: whether the key holds this very batch; empty if it holds nothing. */
  public Optional<Boolean> isOurs(LogBatch batch) {
    Found found = read(batch.first());
    if (found instanceof Found.Absent) {
      return Optional.empty();
    }
    return Optional.of(
        found instanceof Found.Batch other && other.batch().nonce().equals(batch.nonce()));
  }

  public byte[] encode(LogBatch batch) {
    return SealedJson.seal(
        new Stored(FORMAT, batch.incarnation(), batch.nonce(), batch.first(), batch.entries()));
  }

  /** Whether the key is occupied by what cleanup left. */
  public boolean isHollow(long revision) {
    return store.get(key(revision)).filter(LogStore::isHollow).isPresent();
  }

  /** Takes a record's content, for ever; its key stays occupied. */
  public void hollow(long revision) {
    store.hollow(key(revision));
  }

  public String key(long revision) {
    return prefix + digits(revision);
  }

  /** A revision as a key segment: 19 digits, so that keys sort as numbers do. */
  public static String digits(long revision) {
    return String.format(Locale.ROOT, "%019d", revision);
  }

  /** Whether an object is one that cleanup hollowed. */
  public static boolean isHollow(byte[] bytes) {
    return Arrays.equals(bytes, HOLLOW);
  }

  @JsonPropertyOrder({"format", "incarnation", "nonce", "first", "entries"})
  private record Stored(
      int format, String incarnation, String nonce, long first, List<LogEntry> entries) {}
}
