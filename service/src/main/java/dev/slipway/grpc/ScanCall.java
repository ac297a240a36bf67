package dev.slipway.grpc;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.TableScan;
import dev.slipway.v1.PayloadFormat;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One scan going out at its client's pace. It holds a thread only while the client takes what it
 * sends: when the transport is full it leaves, and comes back when there is room. Steps never
 * overlap, whichever thread takes them; a client that takes nothing for long is dropped.
 */
final class ScanCall {
  // After so many messages others get their turn.
  private static final int MESSAGES_IN_A_ROW = 16;

  // Made ahead of what the client takes, so that neither waits for the other.
  private static final int READY_BYTES = 2 << 20;

  private final Calls calls;
  private final ActiveCall<ScanPiece> call;
  private final Supplier<TableScan> opener;
  private final PayloadFormat format;
  private final AtomicInteger wakeUps = new AtomicInteger();
  private @Nullable TableScan scan;
  private @Nullable ScanMessages messages;
  private boolean done;
  private @Nullable ScheduledFuture<?> idle;

  /**
   * @param opener opens the scan; may block
   */
  ScanCall(
      Calls calls, ActiveCall<ScanPiece> call, Supplier<TableScan> opener, PayloadFormat format) {
    this.calls = calls;
    this.call = call;
    this.opener = opener;
    this.format = format;
  }

  /** Within the service's method, so that it hears of the transport. */
  void begin() {
    call.observer().setOnReadyThreshold(READY_BYTES);
    call.observer().setOnReadyHandler(this::wake);
    call.context().cancel().onCancel(this::wake);
    wake();
  }

  private void wake() {
    if (wakeUps.getAndIncrement() == 0) {
      goOn();
    }
  }

  /** For whoever has the wake-up: nobody else takes a step, nor ever will if this one can't run. */
  private void goOn() {
    if (!calls.execute(call, calls.work(), this::steps)) {
      stopIdle();
      close();
    }
  }

  private void steps() {
    int seen;
    do {
      seen = wakeUps.get();
      if (step()) {
        // Keeps the wake-up, so nobody else starts a step before this one goes on.
        goOn();
        return;
      }
    } while (wakeUps.addAndGet(-seen) != 0);
  }

  /** Sends what there is room for; true if there is room for more. */
  private boolean step() {
    if (done) {
      return false;
    }
    stopIdle();
    try {
      call.context().cancel().check();
      ScanMessages open = open();
      for (int i = 0; i < MESSAGES_IN_A_ROW; i++) {
        if (!call.observer().isReady()) {
          startIdle();
          return false;
        }
        try (ScanPiece next = open.next()) {
          if (next == null) {
            close();
            call.complete();
            return false;
          }
          call.observer().onNext(next);
        }
        call.context().cancel().check();
      }
      return true;
    } catch (RuntimeException | Error e) {
      close();
      call.fail(e);
      return false;
    }
  }

  private ScanMessages open() {
    ScanMessages open = messages;
    if (open == null) {
      TableScan opened = opener.get();
      scan = opened;
      open = ScanMessages.of(opened, format == PayloadFormat.PAYLOAD_FORMAT_ROWS);
      messages = open;
    }
    return open;
  }

  private void close() {
    done = true;
    TableScan open = scan;
    ScanMessages unsent = messages;
    scan = null;
    messages = null;
    try {
      if (unsent != null) {
        unsent.close();
      }
    } finally {
      if (open != null) {
        open.close();
      }
    }
  }

  private void startIdle() {
    Duration patience = calls.options().patience().scanIdle();
    synchronized (this) {
      idle = calls.later(patience, () -> call.context().cancel().cancel(ErrorReason.DEADLINE));
    }
  }

  private void stopIdle() {
    synchronized (this) {
      if (idle != null) {
        idle.cancel(false);
        idle = null;
      }
    }
  }
}
