package dev.slipway.engine.simulation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A logical thread: a real one that goes only when it has the baton. See {@link Scheduler}. */
final class Strand {
  private final String name;
  private final Semaphore baton = new Semaphore(0);
  private @Nullable EngineProcess process;
  private @Nullable CompletableFuture<?> awaited;
  private long wakesAt;
  private int rank;
  private boolean cleaning;

  Strand(String name, @Nullable EngineProcess process, int rank) {
    this.name = name;
    this.process = process;
    this.rank = rank;
  }

  String name() {
    return name;
  }

  /** The process whose code it runs right now; null for a client between its calls. */
  @Nullable EngineProcess process() {
    return process;
  }

  void enter(@Nullable EngineProcess entered) {
    process = entered;
  }

  void waitFor(@Nullable CompletableFuture<?> future) {
    awaited = future;
  }

  void sleepUntil(long micros) {
    wakesAt = micros;
  }

  /** Whether what it waits for is there, or never will be; it may still sleep. */
  boolean hasWhatItWaitsFor() {
    CompletableFuture<?> future = awaited;
    EngineProcess inside = process;
    return future == null || future.isDone() || (inside != null && inside.life().isOver());
  }

  /** When it can go on, if it has what it waits for. */
  long readyAt() {
    EngineProcess inside = process;
    return inside == null ? wakesAt : Math.max(wakesAt, inside.pausedUntil());
  }

  /** Who goes first when strands go by rank. */
  int rank() {
    return rank;
  }

  void rank(int other) {
    rank = other;
  }

  /** Whether it is in the middle of a cleanup. */
  boolean isCleaning() {
    return cleaning;
  }

  void cleaning(boolean now) {
    cleaning = now;
  }

  void takeBaton() {
    baton.acquireUninterruptibly();
  }

  void giveBaton() {
    baton.release();
  }

  @Override
  public String toString() {
    EngineProcess inside = process;
    return inside == null || name.startsWith(inside.name()) ? name : name + "@" + inside.name();
  }
}
