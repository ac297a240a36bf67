package dev.slipway.storage.memory;

import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * The memory and the names of one backend. It has users: the backend itself and every open version;
 * when the last one leaves, its allocator closes.
 */
final class MemoryArena {
  private final BufferAllocator allocator;
  private final RandomGenerator random;
  private int users = 1;

  MemoryArena(BufferAllocator parent, long maxBytes, RandomGenerator random) {
    this.allocator = parent.newChildAllocator("memory-tables", 0, maxBytes);
    this.random = random;
  }

  /** Bounded; everything that outlives a call is allocated here. */
  BufferAllocator allocator() {
    return allocator;
  }

  synchronized void enter() {
    if (users == 0) {
      throw StorageException.of(StorageErrorCode.CLOSED, "the memory backend is closed");
    }
    users++;
  }

  synchronized void leave() {
    users--;
    if (users == 0) {
      allocator.close();
    }
  }

  /** A new file's or transaction's id. */
  synchronized String newId() {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  /** A version number: below zero, so that nobody takes it for an order. */
  synchronized long newVersion() {
    return random.nextLong() | Long.MIN_VALUE;
  }

  static StorageException exhausted(OutOfMemoryException e) {
    return new StorageException(
        StorageErrorCode.RESOURCE_EXHAUSTED, "the memory backend is full", e);
  }
}
