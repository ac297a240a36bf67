/**
 * Row predicates as one sealed tree. The engine parses text into it, a backend renders or evaluates
 * it; {@link dev.slipway.storage.predicate.PredicateBinder} fits it to a schema first, so both
 * backends see the same typed literals and refuse the same predicates.
 */
@NullMarked
package dev.slipway.storage.predicate;

import org.jspecify.annotations.NullMarked;
