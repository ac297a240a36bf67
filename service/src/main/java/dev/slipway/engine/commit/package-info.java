/**
 * The commit protocol: validate, intent, versions, publish, finish. The numbered steps are in
 * {@link dev.slipway.engine.commit.CommitRound}; nothing else appends to a database's log.
 */
@NullMarked
package dev.slipway.engine.commit;

import org.jspecify.annotations.NullMarked;
