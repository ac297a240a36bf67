/** Checks the records of staged writes by themselves. No engine and no tables may come in. */
@NullMarked
package dev.slipway.engine.staging;

import org.jspecify.annotations.NullMarked;
