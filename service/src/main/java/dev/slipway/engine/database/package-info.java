/**
 * The engine's public face made real: one open database, all databases of a root, and the catalog
 * log that names them. All rooms of the engine meet here, and none of them may come here; no rule
 * of the commit protocol, the fold or cleanup may come in.
 */
@NullMarked
package dev.slipway.engine.database;

import org.jspecify.annotations.NullMarked;
