/**
 * Tests of the filter language: what it takes, what it refuses and where, and how it bears noise.
 */
@NullMarked
package dev.slipway.engine.filter;

import org.jspecify.annotations.NullMarked;
