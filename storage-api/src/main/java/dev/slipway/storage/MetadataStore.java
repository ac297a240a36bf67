package dev.slipway.storage;

import java.util.List;
import java.util.Optional;

/**
 * Small objects under slash-separated keys: the log and everything beside it. The whole of a
 * database's correctness rests on one promise: <b>{@link #putIfAbsent} succeeds for exactly one of
 * any number of concurrent callers, in any process, and what it wrote is whole and durable when it
 * returns.</b>
 *
 * <p>Keys are segments of {@code [A-Za-z0-9._-]} joined by {@code /}; no segment is empty, {@code
 * .} or {@code ..}; no key is the beginning of another up to one of its slashes. {@link
 * MetadataKeys} checks them. Values are at most {@value #MAX_VALUE_BYTES} bytes. Safe for use by
 * many threads.
 */
public interface MetadataStore extends AutoCloseable {
  int MAX_VALUE_BYTES = 64 << 20;

  /** What {@link #hollow} leaves: no value that {@link #putIfAbsent} was given may equal it. */
  String HOLLOW = "{\"slipway\":\"hollow\"}\n";

  /**
   * Creates the object, unless the key is occupied (also by a hollowed object).
   *
   * @return true if this call created it, false if the key was occupied
   * @throws StorageException {@code UNAVAILABLE}: nothing was written; {@code OUTCOME_UNKNOWN}: the
   *     object may exist, now or later: read the key back
   */
  boolean putIfAbsent(String key, byte[] value);

  /**
   * The object's bytes, whole. What it returns is durable: a reader never acts on what a power loss
   * could still take back.
   *
   * @throws StorageException {@code OUTCOME_UNKNOWN}: it is there, and whether a power loss could
   *     take it back can't be told any more, as after a force that failed
   */
  Optional<byte[]> get(String key);

  /**
   * Keys directly or indirectly under {@code prefix} (which ends with {@code /}), in ascending
   * order of their characters, from the first greater than {@code after}.
   *
   * @param after a full key, or the empty string to begin at the first
   * @param limit at most this many, 1 to 10,000
   */
  List<String> list(String prefix, String after, int limit);

  /**
   * Replaces the content by {@link #HOLLOW}, in one step: at every instant the key is occupied. An
   * absent key stays absent.
   */
  void hollow(String key);

  /** Deletes the object; one that is already gone is fine. */
  void delete(String key);

  @Override
  void close();
}
