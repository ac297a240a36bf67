/**
 * A whole server in one value: wiring, start and orderly stop. Everything meets here and nowhere
 * else; no rule of the product may come in.
 */
@NullMarked
package dev.slipway;

import org.jspecify.annotations.NullMarked;
