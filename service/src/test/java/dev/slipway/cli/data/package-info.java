/** Tests of data files: what is read, what is refused, and that what is written is read back. */
@NullMarked
package dev.slipway.cli.data;

import org.jspecify.annotations.NullMarked;
