package dev.slipway.grpc.payload;

import dev.slipway.engine.ErrorReason;
import dev.slipway.engine.SlipwayException;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.StorageException;
import java.io.IOException;
import java.util.Optional;
import org.apache.arrow.memory.AllocationOutcomeDetails;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.OversizedAllocationException;
import org.jspecify.annotations.Nullable;

/**
 * An upload as an {@link ArrowReader} that waits for its pieces. Storage may only see its own
 * exception on the way through, so the first failure is kept here with all it says. One thread
 * reads and closes.
 */
public abstract class PayloadReader extends ArrowReader {
  private @Nullable SlipwayException failure;

  protected PayloadReader(BufferAllocator allocator) {
    super(allocator);
  }

  /** Why reading failed, if it did: what the client should be told. */
  public final Optional<SlipwayException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public final boolean loadNextBatch() throws IOException {
    if (failure != null) {
      throw forStorage(failure);
    }
    try {
      prepareLoadNextBatch();
      VectorSchemaRoot root = getVectorSchemaRoot();
      root.clear();
      return load(root);
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw failed(e);
    }
  }

  @Override
  protected final Schema readSchema() {
    try {
      return schema();
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      throw failed(e);
    }
  }

  @Override
  protected void closeReadSource() {}

  /** The plain schema of all batches; called once, before the first. */
  protected abstract Schema schema();

  /** Fills the cleared root with the next batch, or answers false at the end. */
  protected abstract boolean load(VectorSchemaRoot root);

  private StorageException failed(Throwable e) {
    if (failure == null) {
      failure = reasoned(e);
    }
    return forStorage(failure);
  }

  private SlipwayException reasoned(Throwable e) {
    if (e instanceof SlipwayException known) {
      return known;
    }
    if (e instanceof StorageException check && check.code() == StorageErrorCode.PAYLOAD_INVALID) {
      return SlipwayException.of(
              ErrorReason.PAYLOAD_INVALID, "%s", String.valueOf(check.getMessage()))
          .causedBy(check);
    }
    if (e instanceof OutOfMemoryException full && isShared(full)) {
      return SlipwayException.of(
              ErrorReason.OVERLOADED,
              "the server has no memory left for a batch of the upload; try again later")
          .causedBy(e);
    }
    if (e instanceof OutOfMemoryException || e instanceof OversizedAllocationException) {
      return SlipwayException.of(
              ErrorReason.TOO_LARGE,
              "a batch of the upload needs more memory than one upload may take; send smaller"
                  + " batches")
          .with("limit", allocator.getLimit())
          .causedBy(e);
    }
    return SlipwayException.of(
            ErrorReason.PAYLOAD_INVALID, "the upload can't be decoded: %s", e.getClass().getName())
        .causedBy(e);
  }

  /** Whether what is used up is shared with others, who give it back, and not this upload's own. */
  private boolean isShared(OutOfMemoryException e) {
    BufferAllocator failed =
        e.getOutcomeDetails().map(AllocationOutcomeDetails::getFailedAllocator).orElse(allocator);
    BufferAllocator parent = allocator.getParentAllocator();
    while (parent != null && parent != failed) {
      parent = parent.getParentAllocator();
    }
    return parent != null;
  }

  private static StorageException forStorage(SlipwayException e) {
    StorageErrorCode code =
        switch (e.reason()) {
          case PAYLOAD_INVALID -> StorageErrorCode.PAYLOAD_INVALID;
          case ROW_INVALID -> StorageErrorCode.ROW_INVALID;
          case TOO_LARGE -> StorageErrorCode.TOO_LARGE;
          case OVERLOADED -> StorageErrorCode.RESOURCE_EXHAUSTED;
          default -> StorageErrorCode.CANCELLED;
        };
    return new StorageException(code, String.valueOf(e.getMessage()), e);
  }
}
