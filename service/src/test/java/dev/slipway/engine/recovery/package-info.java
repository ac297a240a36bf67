/**
 * The failure scenarios by number, told one by one: what each process does, what must be there
 * afterwards. The matrix next door covers the combinations.
 */
@NullMarked
package dev.slipway.engine.recovery;

import org.jspecify.annotations.NullMarked;
