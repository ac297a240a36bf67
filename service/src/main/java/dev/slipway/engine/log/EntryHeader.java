package dev.slipway.engine.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * What every entry carries.
 *
 * @param op the operation's id; an entry decides it
 * @param request the client's request id, if it gave one
 * @param digest of the request's content; absent in a fence's abort, which matches any
 * @param actor who asked
 * @param begun the head revision when the intent was written (for an upload, when its header came)
 * @param time microseconds since 1970; never earlier than an earlier entry's
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EntryHeader(
    String op,
    @Nullable String request,
    @Nullable String digest,
    String actor,
    long begun,
    long time) {

  public EntryHeader at(long micros) {
    return new EntryHeader(op, request, digest, actor, begun, micros);
  }
}
