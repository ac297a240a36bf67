package dev.slipway.engine.fault;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;

/**
 * Whether a process still lives. One that ended does nothing any more: every call it makes fails.
 */
public final class Life {
  private volatile boolean ended;

  public void end() {
    ended = true;
  }

  public boolean isOver() {
    return ended;
  }

  /**
   * @throws StorageException {@code CLOSED} if it ended
   */
  public void check() {
    if (ended) {
      throw StorageException.of(StorageErrorCode.CLOSED, "the process has ended");
    }
  }
}
