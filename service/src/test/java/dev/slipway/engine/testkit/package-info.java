/** What engine tests share: an engine over either backend, and the few steps every test takes. */
@NullMarked
package dev.slipway.engine.testkit;

import org.jspecify.annotations.NullMarked;
