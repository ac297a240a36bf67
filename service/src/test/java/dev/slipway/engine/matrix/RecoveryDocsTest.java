package dev.slipway.engine.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.fault.FailPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
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
  private static final Pattern LISTED =
      Pattern.compile("^\\| (\\d+[a-z]?) \\| `(\\w+)#(scenario\\w+)` \\|$", Pattern.MULTILINE);

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
                  names(cells, cell -> cell.kind().label(), MatrixKind.values().length),
                  names(cells, cell -> cell.fault().label(), MatrixFault.values().length),
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
    List<String> listed =
        section(
            "scenarios",
            Stream.concat(
                    Stream.of("| Scenario | Test |", "|---|---|"),
                    written.stream().map(Scenario::row))
                .toList());
    Set<String> rows = written.stream().map(Scenario::row).collect(Collectors.toSet());
    Set<String> numbers = new TreeSet<>();
    for (String row : listed.subList(2, listed.size())) {
      Matcher matcher = LISTED.matcher(row);
      assertThat(matcher.matches()).as("a scenario's row, found %s", row).isTrue();
      assertThat(rows).as("tests there are").contains(row);
      numbers.add(matcher.group(1));
    }
    assertThat(numbers).as("scenarios listed").containsAll(NUMBERS);
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
