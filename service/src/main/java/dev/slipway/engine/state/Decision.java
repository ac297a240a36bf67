package dev.slipway.engine.state;

import dev.slipway.engine.log.EntryHeader;
import dev.slipway.engine.log.LogEntry;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An entry that decided an operation, and perhaps a request.
 *
 * @param revision of the entry
 * @param time of the entry, in microseconds since 1970
 * @param committed or aborted
 * @param op the operation it decides
 * @param request the request id it decides, if it does
 * @param digest of that request; absent after a fence
 */
public record Decision(
    long revision,
    long time,
    boolean committed,
    String op,
    @Nullable String request,
    @Nullable String digest) {

  /** What an entry decided; empty if it decides nothing. */
  static Optional<Decision> of(long revision, LogEntry entry, long time) {
    if (entry instanceof LogEntry.Voided || entry instanceof LogEntry.DatabaseDeleted) {
      return Optional.empty();
    }
    EntryHeader header = entry.header();
    boolean committed = !(entry instanceof LogEntry.Abort);
    boolean decidesRequest = !(entry instanceof LogEntry.Abort abort) || abort.decidesRequest();
    String request = decidesRequest ? header.request() : null;
    return Optional.of(
        new Decision(
            revision,
            time,
            committed,
            header.op(),
            request,
            request == null ? null : header.digest()));
  }
}
