package dev.slipway.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.engine.ReadAt;
import dev.slipway.engine.log.Micros;
import dev.slipway.engine.matrix.Model;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Whether what reads gave could be. A read goes by the log as it was at some head between the ones
 * before and after it, and never by the middle of a batch: it shows what that head adds up to, or
 * the revision it asked for, or the newest that isn't later than the time it asked for.
 */
final class ReadJudge {
  private final Journal journal;
  private final Set<Long> wholes;
  private final LongFunction<Model> models;
  private final LongUnaryOperator floors;

  /**
   * @param wholes revisions that end a batch
   * @param models what the tables held after a revision
   * @param floors where history began after a revision
   */
  ReadJudge(
      Journal journal, Set<Long> wholes, LongFunction<Model> models, LongUnaryOperator floors) {
    this.journal = journal;
    this.wholes = wholes;
    this.models = models;
    this.floors = floors;
  }

  void judge(Book book) {
    book.expired().forEach(this::isBelowTheFloor);
    book.absent().forEach(this::isNotThere);
    book.seen().forEach(this::isWhatTheLogSays);
  }

  /** What a read may have been of. */
  private LongStream candidates(Book.Look look, long after) {
    if (look.at() instanceof ReadAt.Point.Revision asked) {
      return LongStream.of(asked.revision());
    }
    long newest =
        look.at() instanceof ReadAt.Point.Time asked
            ? journal.revisionAt(Micros.of(asked.time()))
            : Long.MAX_VALUE;
    return LongStream.rangeClosed(Math.min(look.before(), newest), Math.min(after, newest))
        .filter(revision -> revision == newest || wholes.contains(revision));
  }

  private void isBelowTheFloor(Book.Expired expired) {
    long floor = floors.applyAsLong(expired.after());
    assertThat(candidates(expired.look(), expired.after()).anyMatch(one -> one < floor))
        .as("whether %s is below floor %d, as was said", expired, floor)
        .isTrue();
  }

  private void isNotThere(Book.Absent absent) {
    String table = absent.look().table();
    assertThat(
            candidates(absent.look(), absent.after())
                .anyMatch(
                    one ->
                        absent.nothing()
                            ? one == 0
                            : !models.apply(one).tables().containsKey(table)))
        .as("whether %s was rightly said not to be there", absent)
        .isTrue();
  }

  private void isWhatTheLogSays(Book.Seen seen) {
    assertThat(candidates(seen.look(), seen.after()).toArray())
        .as("what may be read at, for %s", seen)
        .contains(seen.revision());
    Model model = models.apply(seen.revision());
    assertThat(model.tables()).as("tables, for %s", seen).containsKey(seen.look().table());
    List<Map<String, @Nullable Object>> expected = model.rows(seen.look().table());
    assertThat(seen.count()).as("rows of %s", seen).isEqualTo(expected.size());
    if (seen.rows() != null) {
      assertThat(sorted(seen.rows())).as("%s", seen).isEqualTo(expected);
    }
  }

  private static List<Map<String, @Nullable Object>> sorted(
      List<Map<String, @Nullable Object>> rows) {
    return rows.stream()
        .sorted(Comparator.comparing(row -> (Long) Objects.requireNonNull(row.get("id"))))
        .toList();
  }
}
