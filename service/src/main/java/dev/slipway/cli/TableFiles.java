package dev.slipway.cli;

import dev.slipway.cli.data.DataFile;
import dev.slipway.cli.data.DataFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which files go into which table: {@code TABLE=FILE} arguments. */
final class TableFiles {
  private TableFiles() {}

  /** In the order given; a table may be named several times. */
  static Map<String, List<DataFile>> of(
      List<String> arguments, Optional<DataFormat> format, Set<String> nullTexts)
      throws IOException {
    Map<String, List<DataFile>> files = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals <= 0 || equals == argument.length() - 1) {
        throw new CommandException(ExitCode.USAGE, "expected TABLE=FILE, found '" + argument + "'");
      }
      Path path = Path.of(argument.substring(equals + 1));
      if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
        throw new CommandException(ExitCode.BAD_DATA, "there is no readable file " + path);
      }
      files
          .computeIfAbsent(argument.substring(0, equals), table -> new ArrayList<>())
          .add(new DataFile(path, format.orElseGet(() -> DataFormat.of(path)), nullTexts));
    }
    return files;
  }

  static long bytes(List<DataFile> files) throws IOException {
    long bytes = 0;
    for (DataFile file : files) {
      bytes += file.size();
    }
    return bytes;
  }

  /** {@code TABLE=VALUE} options, each table once and among those loaded. */
  static Map<String, String> perTable(String option, List<String> arguments, Set<String> tables) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      String table = equals > 0 ? argument.substring(0, equals) : "";
      if (!tables.contains(table) || values.containsKey(table)) {
        throw new CommandException(
            ExitCode.USAGE,
            "%s: expected TABLE=... once for a table among %s, found '%s'"
                .formatted(option, tables, argument));
      }
      values.put(table, argument.substring(equals + 1));
    }
    return values;
  }
}
