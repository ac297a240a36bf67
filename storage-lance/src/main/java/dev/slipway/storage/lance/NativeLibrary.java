package dev.slipway.storage.lance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.c.jni.JniLoader;

/**
 * Loads Lance's native code, and Arrow's, from one unpacked copy that all JVMs of a user share, so
 * that starting costs no unpacking and a killed JVM leaves nothing behind.
 *
 * <p>The copy lies under the folder that the system property {@value #FOLDER_PROPERTY} names, by
 * default {@code slipway/native} in the user's cache folder ({@code $XDG_CACHE_HOME} or {@code
 * ~/.cache}), in a folder named by the library's size and checksum: another release of Lance is
 * another folder. Where that can't be written, the library is unpacked into a private temporary
 * file, which is unlinked as soon as it is loaded.
 */
public final class NativeLibrary {
  /** The system property that names the folder of unpacked copies. */
  public static final String FOLDER_PROPERTY = "slipway.native.folder";

  private static final String ARROW = "arrow_cdata_jni";

  private static final Duration UNPACKING_TAKES_AT_MOST = Duration.ofMinutes(10);

  private NativeLibrary() {}

  /** Called by Lance's own loader, once in a JVM. */
  public static <T> void load(Class<T> owner, String folder, String name) {
    String file = System.mapLibraryName(name);
    String resource = folder + "/" + platform() + "/" + file;
    URL url = owner.getResource(resource);
    if (url == null) {
      throw new UnsatisfiedLinkError("this platform has no " + resource + " on the class path");
    }
    try {
      Optional<Path> shared = shared(folder(), url, file);
      if (shared.isPresent()) {
        System.load(shared.get().toString());
      } else {
        loadPrivate(url, file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("can't unpack " + resource, e);
    }
  }

  /**
   * Loads Arrow's native code from a shared copy too, and keeps Arrow's own loader from unpacking
   * one that a killed JVM would leave behind. Where that can't be done, Arrow loads it later
   * itself.
   */
  static void loadArrow() {
    JniLoader loader = JniLoader.get();
    synchronized (loader) {
      Optional<Set<?>> left = left(loader);
      if (left.isPresent() && left.get().contains(ARROW) && loadShared(ARROW)) {
        left.get().remove(ARROW);
      }
    }
  }

  /** What Arrow has still to load: it has no public way to say that it's done. */
  private static Optional<Set<?>> left(JniLoader loader) {
    try {
      Field field = JniLoader.class.getDeclaredField("librariesToLoad");
      field.setAccessible(true);
      return field.get(loader) instanceof Set<?> names ? Optional.of(names) : Optional.empty();
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return Optional.empty();
    }
  }

  private static boolean loadShared(String name) {
    String file = System.mapLibraryName(name);
    String machine = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String folder =
        switch (machine) {
          case "amd64" -> "x86_64";
          case "aarch64" -> "aarch_64";
          default -> machine;
        };
    URL url = JniLoader.class.getResource("/" + name + "/" + folder + "/" + file);
    if (url == null) {
      return false;
    }
    try {
      Optional<Path> shared = shared(folder(), url, file);
      shared.ifPresent(copy -> System.load(copy.toString()));
      return shared.isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException("can't unpack " + url, e);
    }
  }

  /** The folder of unpacked copies. */
  static Path folder() {
    String configured = System.getProperty(FOLDER_PROPERTY);
    if (configured != null) {
      return Path.of(configured).toAbsolutePath();
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return base.resolve("slipway").resolve("native").toAbsolutePath();
  }

  /** The shared copy, unpacked if need be; empty if the folder can't be used. */
  static Optional<Path> shared(Path copies, URL url, String file) throws IOException {
    Contents contents = Contents.of(url);
    Path folder = copies.resolve(contents.name());
    Path copy = folder.resolve(file);
    try {
      if (Files.exists(copy) && Files.size(copy) == contents.size()) {
        return Optional.of(copy);
      }
      createPrivateFolders(folder);
      sweep(folder, Instant.now().minus(UNPACKING_TAKES_AT_MOST));
      Path partial = Files.createTempFile(folder, file + ".", ".partial");
      try {
        unpack(url, partial);
        // Whoever unpacks at the same time renames the same bytes over these.
        Files.move(partial, copy, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(partial);
      }
      return Optional.of(copy);
    } catch (FileSystemException e) {
      return Optional.empty();
    }
  }

  private static void loadPrivate(URL url, String file) throws IOException {
    Path partial = Files.createTempFile("slipway-", "-" + file);
    try {
      unpack(url, partial);
      System.load(partial.toString());
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private static void unpack(URL url, Path to) throws IOException {
    try (InputStream in = url.openStream()) {
      Files.copy(in, to, StandardCopyOption.REPLACE_EXISTING);
    }
    // A copy torn by a power loss would pass for a whole one.
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Another user who could write here could make us run their code. */
  private static void createPrivateFolders(Path folder) throws IOException {
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } else {
      Files.createDirectories(folder);
    }
  }

  /** Removes what JVMs that were killed while unpacking left. */
  private static void sweep(Path folder, Instant before) throws IOException {
    try (DirectoryStream<Path> partials = Files.newDirectoryStream(folder, "*.partial")) {
      for (Path partial : partials) {
        if (Files.getLastModifiedTime(partial, LinkOption.NOFOLLOW_LINKS)
                .compareTo(FileTime.from(before))
            < 0) {
          Files.deleteIfExists(partial);
        }
      }
    }
  }

  private static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    String system = os.contains("mac") ? "darwin" : os.contains("linux") ? "linux" : os;
    return switch (arch) {
      case "amd64", "x86_64" -> system + "-x86-64";
      case "aarch64", "arm64" -> system + "-aarch64";
      default -> system + "-" + arch;
    };
  }

  /** What tells one library from another without reading 180 MB. */
  private record Contents(long size, long checksum) {
    static Contents of(URL url) throws IOException {
      URLConnection connection = url.openConnection();
      if (connection instanceof JarURLConnection jar) {
        return new Contents(jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
      }
      return new Contents(connection.getContentLengthLong(), connection.getLastModified());
    }

    String name() {
      return Long.toHexString(size) + "-" + Long.toHexString(checksum);
    }
  }
}
