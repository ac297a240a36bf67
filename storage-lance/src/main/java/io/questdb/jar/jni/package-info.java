/**
 * Stands in for the library of the same name that lance-core loads its native code through; that
 * library is excluded from the class path. It unpacked 180 MB into a new temporary file in every
 * JVM, and a killed JVM left its file behind. Nothing but that one entry point may come in.
 */
@NullMarked
package io.questdb.jar.jni;

import org.jspecify.annotations.NullMarked;
