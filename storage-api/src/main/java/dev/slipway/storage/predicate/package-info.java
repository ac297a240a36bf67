/**
 * Row predicates as one sealed tree. The engine parses text into it, a backend renders or evaluates
 * it; {@link dev.slipway.storage.predicate.PredicateBinder} fits it to a schema first, so both
 * backends see the same typed literals and refuse the same predicates. No text and no backend may
 * come in.
 *
 * <p>It and the SPI know each other on purpose: scans and deletions carry predicates, and what the
 * binder refuses is a storage error.
 */
@NullMarked
package dev.slipway.storage.predicate;

import org.jspecify.annotations.NullMarked;
