/**
 * Configuration: one immutable typed value, read once from flags, environment and file, with every
 * mistake reported together. Nothing that acts on it comes in.
 */
@NullMarked
package dev.slipway.config;

import org.jspecify.annotations.NullMarked;
