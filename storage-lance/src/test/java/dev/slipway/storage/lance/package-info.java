/**
 * The Lance backend against the contract suites, and what is its own: the files it leaves, the
 * texts of Lance's errors, and a guard for each fact about Lance it relies on.
 */
@NullMarked
package dev.slipway.storage.lance;

import org.jspecify.annotations.NullMarked;
