package dev.slipway.engine.state;

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
    @Nullable String digest) {}
