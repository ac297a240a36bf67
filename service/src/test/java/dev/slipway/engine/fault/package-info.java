/**
 * Faults to test with: a metadata store, storage hooks and windows that fail, lose an answer, wait
 * or end the process on demand. Knows what can go wrong; knows nothing of what must hold then.
 */
@NullMarked
package dev.slipway.engine.fault;

import org.jspecify.annotations.NullMarked;
