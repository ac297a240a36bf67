package dev.slipway.engine;

import java.util.function.Supplier;

/**
 * Makes a call repeatable.
 *
 * @param id the client's request id: 1 to 128 printable ASCII characters
 * @param digest the hex SHA-256 of the request's content; asked for once all data has been read
 */
public record RequestKey(String id, Supplier<String> digest) {}
