package dev.slipway.engine.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The engine and the simulation loaded afresh, with a class or two compiled from sources with a bug
 * in them. The product has no switch for any of this.
 */
final class MutantEngine extends ClassLoader {
  private static final Path SOURCES = Path.of("src/main/java/dev/slipway/engine");
  private static final String ENGINE = "dev.slipway.engine.";

  private final Map<String, byte[]> mutants;

  private MutantEngine(Map<String, byte[]> mutants) {
    super(MutantEngine.class.getClassLoader());
    this.mutants = mutants;
  }

  static MutantEngine of(Mutation mutation) throws IOException {
    Map<String, String> sources = new TreeMap<>();
    for (Mutation.Edit edit : mutation.edits()) {
      String file = edit.file();
      String before =
          sources.containsKey(file) ? sources.get(file) : Files.readString(SOURCES.resolve(file));
      sources.put(file, edit.in(String.valueOf(before)));
    }
    return new MutantEngine(compile(sources));
  }

  /** The engine as it is, loaded the same way. */
  static MutantEngine none() {
    return new MutantEngine(Map.of());
  }

  private static Map<String, byte[]> compile(Map<String, String> sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    try (StandardJavaFileManager standard = compiler.getStandardFileManager(problems, null, null);
        InMemory output = new InMemory(standard)) {
      boolean compiled =
          compiler
              .getTask(
                  null,
                  output,
                  problems,
                  List.of(
                      "-proc:none",
                      "-nowarn",
                      "-parameters",
                      "-classpath",
                      System.getProperty("java.class.path")),
                  null,
                  sources.entrySet().stream()
                      .map(entry -> new Source(entry.getKey(), entry.getValue()))
                      .toList())
              .call();
      if (!compiled) {
        throw new AssertionError(
            sources.keySet() + " with the bug must compile: " + problems.getDiagnostics());
      }
      return output.classes();
    }
  }

  /** What the first failing run of these seeds says, if one fails. */
  Optional<String> firstFailure(Seeds seeds) throws ReflectiveOperationException {
    Method runs =
        loadClass(Runs.class.getName()).getDeclaredMethod("failureOf", long.class, long.class);
    runs.setAccessible(true);
    return Optional.ofNullable((String) runs.invoke(null, seeds.from(), seeds.to()));
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(ENGINE)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? define(name) : loaded;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] bytes = mutants.get(name);
    if (bytes == null) {
      bytes = original(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte[] original(String name) throws ClassNotFoundException {
    try (@Nullable InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A source that isn't on disk. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String file, String text) {
      super(URI.create("string:///dev/slipway/engine/" + file), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  /** Keeps compiled classes in memory. */
  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ByteArrayOutputStream> written = new HashMap<>();

    InMemory(JavaFileManager behind) {
      super(behind);
    }

    Map<String, byte[]> classes() {
      Map<String, byte[]> classes = new HashMap<>();
      written.forEach((name, bytes) -> classes.put(name, bytes.toByteArray()));
      return classes;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String name, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(URI.create("mem:///" + name.replace('.', '/')), kind) {
        @Override
        public OutputStream openOutputStream() {
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          written.put(name, out);
          return out;
        }
      };
    }
  }
}
