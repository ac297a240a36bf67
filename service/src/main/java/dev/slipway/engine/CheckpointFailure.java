package dev.slipway.engine;

import java.time.Instant;

/**
 * Why a database gets no checkpoints, as far as this process has tried. Commits go on; opening
 * takes longer with each, and no log record is freed.
 *
 * @param since when the first of the attempts failed
 * @param revision of the state that couldn't be written last
 * @param reason what was wrong then, for people
 */
public record CheckpointFailure(Instant since, long revision, String reason) {}
