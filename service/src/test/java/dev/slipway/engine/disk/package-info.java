/** Disks in trouble: full, read-only, refusing, gone; and databases that come through it. */
@NullMarked
package dev.slipway.engine.disk;

import org.jspecify.annotations.NullMarked;
