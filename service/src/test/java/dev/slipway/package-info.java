/** Tests of the whole: servers that start and stop, and the walls between rooms. */
@NullMarked
package dev.slipway;

import org.jspecify.annotations.NullMarked;
