/**
 * What tests of storage share: Arrow data from plain Java rows and back, schemas in a line, and
 * readers that misbehave. Only the JDK, Arrow and the test libraries may come in; no backend.
 */
@NullMarked
package dev.slipway.storage.testkit;

import org.jspecify.annotations.NullMarked;
