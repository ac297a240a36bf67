/**
 * The engine's public face made real: one open database, all databases of a root, and the catalog
 * log that names them.
 */
@NullMarked
package dev.slipway.engine.database;

import org.jspecify.annotations.NullMarked;
