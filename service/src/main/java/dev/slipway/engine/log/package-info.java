/**
 * The log as bytes and values: entries, their JSON, their checksums, their keys. Knows the metadata
 * store; knows nothing of how entries come to be or what they add up to.
 */
@NullMarked
package dev.slipway.engine.log;

import org.jspecify.annotations.NullMarked;
