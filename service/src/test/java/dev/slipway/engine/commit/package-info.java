/** The committer by itself. */
@NullMarked
package dev.slipway.engine.commit;

import org.jspecify.annotations.NullMarked;
