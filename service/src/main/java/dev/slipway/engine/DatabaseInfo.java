package dev.slipway.engine;

import java.time.Instant;

/**
 * A database.
 *
 * @param id this incarnation; a name used again gets another
 */
public record DatabaseInfo(String name, String id, Instant created) {}
