package dev.slipway.grpc;

import dev.slipway.engine.Upload;
import dev.slipway.engine.WriteTarget;
import dev.slipway.grpc.payload.PayloadReader;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an upload's first message asks for.
 *
 * @param requestId for errors that leave its outcome open
 * @param digest of its content, if it may be repeated; takes the data as it comes
 * @param work what to do with the data
 */
record UploadJob<A>(
    String database,
    WriteTarget target,
    String requestId,
    Optional<RequestDigest> digest,
    Work<A> work) {

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
