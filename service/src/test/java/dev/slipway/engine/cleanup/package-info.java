/** Reclaiming, told as stories: what goes, what stays, and what fails beside it. */
@NullMarked
package dev.slipway.engine.cleanup;

import org.jspecify.annotations.NullMarked;
