package dev.slipway.grpc.payload;

import org.jspecify.annotations.Nullable;

/**
 * The pieces of an upload, one at a time and in order. One thread takes them.
 *
 * @param <T> {@code ByteString} for Arrow IPC, a list of {@code Struct} for rows
 */
@FunctionalInterface
public interface Pieces<T> {
  /**
   * Waits for the next piece; null at the end.
   *
   * @throws dev.slipway.engine.SlipwayException if the upload broke off, and why
   */
  @Nullable T next();
}
