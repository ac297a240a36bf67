/** Tests of reading configuration, and of the table that documents it. */
@NullMarked
package dev.slipway.config;

import org.jspecify.annotations.NullMarked;
