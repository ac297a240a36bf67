/**
 * What every backend must pass, whatever it is made of: its test class extends a suite here and
 * says how to open it. Only the SPI and the test kit may come in; nothing of one backend.
 */
@NullMarked
package dev.slipway.storage.contract;

import org.jspecify.annotations.NullMarked;
