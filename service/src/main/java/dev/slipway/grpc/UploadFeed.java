package dev.slipway.grpc;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.grpc.payload.Pieces;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Pieces on their way from gRPC's threads to the one that reads them. Asks for the next whenever
 * the reader took one, so at most one waits while one is worked on.
 */
final class UploadFeed<T> implements Pieces<T> {
  private final Runnable askForMore;
  private final Deque<T> pieces = new ArrayDeque<>();
  private boolean streaming;
  private boolean ended;
  private @Nullable SlipwayException failure;

  UploadFeed(Runnable askForMore) {
    this.askForMore = askForMore;
  }

  synchronized void add(T piece) {
    pieces.add(piece);
    notifyAll();
  }

  /** No more pieces come. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** The upload broke off; what was not read yet is dropped. */
  synchronized void fail(SlipwayException why) {
    if (failure == null && !(ended && pieces.isEmpty())) {
      failure = why;
      pieces.clear();
      notifyAll();
    }
  }

  /** From now on the reader's pace is the client's. */
  synchronized void stream() {
    streaming = true;
  }

  @Override
  public @Nullable T next() {
    T piece;
    boolean more;
    synchronized (this) {
      awaitChange();
      if (failure != null) {
        throw failure;
      }
      piece = pieces.poll();
      more = streaming && !ended && pieces.isEmpty();
    }
    if (more) {
      askForMore.run();
    }
    return piece;
  }

  private synchronized void awaitChange() {
    try {
      while (pieces.isEmpty() && !ended && failure == null) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw SlipwayException.of(ErrorReason.SHUTTING_DOWN, "the server is stopping").causedBy(e);
    }
  }
}
