package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.FailPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * docs/recovery.md lists what is tested; {@code -Dslipway.docs.write=true} writes its tables anew.
 */
class RecoveryDocsTest {
  private static final Path PAGE = Path.of("..", "docs", "recovery.md");
  private static final Pattern SCENARIO =
      Pattern.compile("void scenario0*(\\d+[a-z]?)_(\\w+)\\(", Pattern.MULTILINE);

  /** What must be told as a test of its own. */
  private static final List<String> NUMBERS =
      List.of(
          "1", "2", "5", "6", "7", "8", "9", "10", "11", "12", "13", "18a", "18b", "18c", "18d",
          "18e", "18f", "18h", "18i", "18k", "18l", "20", "21", "22");

  private record Scenario(String number, String file, String method) {
    String row() {
      return "| %s | `%s#%s` |".formatted(number, file, method);
    }
  }

  @Test
  void windows_areThoseOfTheMatrix() throws IOException {
    List<String> rows = new ArrayList<>();
    rows.add("| Window | Kinds of change | Faults | Who recovers | Cells | By default |");
    rows.add("|---|---|---|---|---|---|");
    List<Cell> pairs = Cell.pairs();
    for (FailPoint window : FailPoint.values()) {
      List<Cell> cells = at(window, Cell.all());
      assertThat(cells).as("cells that break %s", window.windowName()).isNotEmpty();
      assertThat(at(window, pairs)).as("default cells of %s", window.windowName()).isNotEmpty();
      rows.add(
          "| `%s` | %s | %s | %s | %d | %d |"
              .formatted(
                  window.windowName(),
                  kinds(kindsOf(cells)),
                  faults(cells),
                  names(cells, cell -> cell.resolver().label(), Resolver.values().length),
                  cells.size(),
                  at(window, pairs).size()));
    }
    assertThat(section("windows", rows)).containsExactlyElementsOf(rows);
  }

  @Test
  void kindsAndFaults_areThoseOfTheMatrix() throws IOException {
    List<String> rows =
        List.of(
            "- Kinds: " + labels(Stream.of(MatrixKind.values()).map(MatrixKind::label)),
            "- Faults: " + labels(Stream.of(MatrixFault.values()).map(MatrixFault::label)),
            "- Who recovers: " + labels(Stream.of(Resolver.values()).map(Resolver::label)));
    assertThat(section("kinds", rows)).containsExactlyElementsOf(rows);
  }

  @Test
  void scenarios_areListedAndThere() throws IOException {
    List<Scenario> written = scenarios();
    List<String> all =
        Stream.concat(
                Stream.of("| Scenario | Test |", "|---|---|"), written.stream().map(Scenario::row))
            .toList();
    List<String> listed = section("scenarios", all);
    assertThat(listed).as("scenarios listed").containsExactlyElementsOf(all);
    Set<String> numbers = written.stream().map(Scenario::number).collect(Collectors.toSet());
    assertThat(numbers).as("scenarios that have a test").containsAll(NUMBERS);
  }

  private static Set<MatrixKind> kindsOf(List<Cell> cells) {
    Set<MatrixKind> kinds = EnumSet.noneOf(MatrixKind.class);
    cells.forEach(cell -> kinds.add(cell.kind()));
    return kinds;
  }

  /** The kinds; those that write rows, if all are there, in two words. */
  private static String kinds(Set<MatrixKind> kinds) {
    if (kinds.size() == MatrixKind.values().length) {
      return "all";
    }
    List<MatrixKind> writes =
        Stream.of(MatrixKind.values()).filter(MatrixKind::writesRows).toList();
    boolean all = kinds.containsAll(writes);
    Stream<String> others =
        kinds.stream().filter(kind -> !all || !writes.contains(kind)).map(MatrixKind::label);
    return labels(Stream.concat(all ? Stream.of("all writes") : Stream.empty(), others));
  }

  /** Those that break every kind at the window; and those that break some, with these. */
  private static String faults(List<Cell> cells) {
    Map<Set<MatrixKind>, List<MatrixFault>> byKinds = new LinkedHashMap<>();
    for (MatrixFault fault : MatrixFault.values()) {
      Set<MatrixKind> kinds =
          kindsOf(cells.stream().filter(cell -> cell.fault() == fault).toList());
      byKinds.computeIfAbsent(kinds, some -> new ArrayList<>()).add(fault);
    }
    Set<MatrixKind> all = kindsOf(cells);
    List<String> parts = new ArrayList<>();
    parts.add(names(byKinds.getOrDefault(all, List.of())));
    byKinds.forEach(
        (kinds, faults) -> {
          if (!kinds.isEmpty() && !kinds.equals(all)) {
            parts.add(names(faults) + " (" + kinds(kinds) + ")");
          }
        });
    return String.join(", ", parts);
  }

  /** The faults; families of them that are all there by their first word. */
  private static String names(List<MatrixFault> faults) {
    if (faults.size() == MatrixFault.values().length) {
      return "all";
    }
    List<String> names = new ArrayList<>();
    for (String family : List.of("store", "table", "other")) {
      Predicate<MatrixFault> member = fault -> fault.label().startsWith(family + " ");
      if (Stream.of(MatrixFault.values()).filter(member).allMatch(faults::contains)) {
        names.add(family + " …");
      } else {
        faults.stream().filter(member).map(MatrixFault::label).forEach(names::add);
      }
    }
    faults.stream()
        .filter(fault -> !fault.label().contains(" "))
        .map(MatrixFault::label)
        .forEach(names::add);
    return labels(names.stream().sorted());
  }

  private static List<Cell> at(FailPoint window, List<Cell> cells) {
    return cells.stream().filter(cell -> cell.window() == window).toList();
  }

  private static String names(List<Cell> cells, Function<Cell, String> name, int all) {
    List<String> found = cells.stream().map(name).distinct().toList();
    return found.size() == all ? "all" : labels(found.stream());
  }

  private static String labels(Stream<String> labels) {
    return labels.collect(Collectors.joining(", "));
  }

  /** The lines of the page between two marks; writes them first if that is asked for. */
  private static List<String> section(String mark, List<String> rows) throws IOException {
    String begin = "<!-- " + mark + " -->";
    String end = "<!-- end of " + mark + " -->";
    List<String> page = new ArrayList<>(Files.readAllLines(PAGE));
    assertThat(page).as("marks in %s", PAGE).contains(begin, end);
    int from = page.indexOf(begin) + 1;
    if (Boolean.getBoolean("slipway.docs.write")) {
      page.subList(from, page.indexOf(end)).clear();
      page.addAll(from, rows);
      Files.write(PAGE, page);
    }
    return page.subList(from, page.indexOf(end));
  }

  private static List<Scenario> scenarios() throws IOException {
    List<Scenario> found = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> walk = Files.walk(Path.of("src", "test", "java"))) {
      files = walk.filter(file -> file.toString().endsWith("Test.java")).toList();
    }
    for (Path file : files) {
      Matcher matcher = SCENARIO.matcher(Files.readString(file));
      String name = file.getFileName().toString().replace(".java", "");
      while (matcher.find()) {
        String method = matcher.group().substring("void ".length()).replace("(", "");
        found.add(new Scenario(matcher.group(1), name, method));
      }
    }
    found.sort(
        Comparator.comparing((Scenario scenario) -> number(scenario.number()))
            .thenComparing(Scenario::number)
            .thenComparing(Scenario::method));
    return found;
  }

  private static int number(String scenario) {
    return Integer.parseInt(scenario.replaceAll("[a-z]", ""));
  }
}
