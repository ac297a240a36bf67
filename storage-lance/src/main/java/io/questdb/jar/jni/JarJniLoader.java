package io.questdb.jar.jni;

import dev.slipway.storage.lance.NativeLibrary;

/** The entry point lance-core calls, with its signature; see the package's description. */
public interface JarJniLoader {

  /**
   * Loads a native library that lies among the resources of {@code owner}'s class loader.
   *
   * @param owner a class beside the library
   * @param folder the resource folder that holds one folder for each platform
   * @param name the library's name without the platform's prefix and suffix
   */
  static <T> void loadLib(Class<T> owner, String folder, String name) {
    NativeLibrary.load(owner, folder, name);
  }
}
