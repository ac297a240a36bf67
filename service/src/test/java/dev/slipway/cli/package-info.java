/** Tests of the commands against real servers, and of what README and quickstart tell to type. */
@NullMarked
package dev.slipway.cli;

import org.jspecify.annotations.NullMarked;
