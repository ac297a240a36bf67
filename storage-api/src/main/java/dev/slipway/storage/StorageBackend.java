package dev.slipway.storage;

import java.util.Optional;

/**
 * One backend over one root. Everything above reaches storage through this interface alone.
 *
 * <p>Closing it releases all it holds; calls after that fail with {@code CLOSED}.
 */
public interface StorageBackend extends AutoCloseable {
  /** Stage, commit, read: nothing here writes and makes visible in one step. */
  TableStorage tables();

  /** The few operations that act at once. Each call site is counted by a test. */
  InlineResidual inlineResidual();

  /** Small objects: the log. */
  MetadataStore metadata();

  /** A short name for logs and status: {@code lance} or {@code memory}. */
  String name();

  /** Where tools find a table's files; empty if nowhere. */
  default String location(TableId table) {
    return "";
  }

  /**
   * Why nothing can be written any more until the backend is opened anew, if so: it can't know what
   * became of what it wrote. Writes are refused with {@code UNAVAILABLE}, reads go on.
   */
  default Optional<String> readOnly() {
    return Optional.empty();
  }

  @Override
  void close();
}
