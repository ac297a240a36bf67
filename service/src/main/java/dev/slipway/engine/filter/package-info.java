/**
 * The filter language: text in, {@link dev.slipway.storage.predicate.Predicate} out, or a refusal
 * with its position. The one room that knows the SQL parser. No schema comes in: fitting a
 * predicate to columns is the storage's.
 */
@NullMarked
package dev.slipway.engine.filter;

import org.jspecify.annotations.NullMarked;
