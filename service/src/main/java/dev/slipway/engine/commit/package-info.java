/**
 * The commit protocol: validate, intent, versions, publish, finish. The numbered steps are in
 * {@link dev.slipway.engine.commit.CommitRound}; nothing else appends to a database's log, but for
 * the first record that a database with other settings than the default ones is created with,
 * before any name means it.
 */
@NullMarked
package dev.slipway.engine.commit;

import org.jspecify.annotations.NullMarked;
