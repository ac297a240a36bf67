/**
 * The Lance backend: table versions are detached versions of one Lance dataset a table, small
 * objects are files. The only package that knows {@code org.lance}.
 *
 * <p>Public are only {@link dev.slipway.storage.lance.LanceStorage}, {@link
 * dev.slipway.storage.lance.LanceStorageModule}, {@link dev.slipway.storage.lance.LanceOptions} and
 * {@link dev.slipway.storage.lance.NativeLibrary}. Nothing of databases, branches or gRPC may come
 * in.
 */
@NullMarked
package dev.slipway.storage.lance;

import org.jspecify.annotations.NullMarked;
