/**
 * Reclaiming: forgetting old history and freeing files that nothing refers to. What may go is
 * judged by the log alone, never by file times; nothing here makes or changes data.
 */
@NullMarked
package dev.slipway.engine.cleanup;

import org.jspecify.annotations.NullMarked;
