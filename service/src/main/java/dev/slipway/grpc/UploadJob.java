package dev.slipway.grpc;

import dev.slipway.engine.CommitResult;
import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteTarget;
import dev.slipway.grpc.payload.PayloadReader;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What an upload's first message asks for.
 *
 * @param requestId for errors that leave its outcome open
 * @param digest of its content, if it may be repeated; takes the data as it comes
 * @param work what to do with the data
 * @param replay the answer once more, if what it asks for is a commit that was made before
 */
record UploadJob<A>(
    String database,
    WriteTarget target,
    String requestId,
    Optional<RequestDigest> digest,
    Work<A> work,
    Optional<Function<CommitResult, A>> replay) {

  /** The end of an upload: staging or writing what it brings. */
  @FunctionalInterface
  interface Work<A> {
    A run(Upload upload, Supplier<String> digest, Optional<PayloadReader> source);
  }

  /** The digest once all data has come; an upload that can't be repeated needs none. */
  Supplier<String> digestHex() {
    return () -> digest.map(RequestDigest::hex).orElse("");
  }
}
