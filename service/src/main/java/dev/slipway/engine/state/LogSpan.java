package dev.slipway.engine.state;

import dev.slipway.engine.log.CorruptRecordException;
import dev.slipway.engine.log.LogEntry;
import dev.slipway.engine.log.LogStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the log itself says of a range of revisions, for what a page or a block said that is damaged
 * now.
 *
 * @param from the first revision
 * @param timed whether the times are right: that of a voided entry depends on the one before
 * @param starts first revisions of its batches, beginning with the one that holds {@code from}
 */
record LogSpan(
    long from,
    boolean timed,
    LongList times,
    LongList parents,
    LongList starts,
    List<Decision> decisions) {

  /**
   * Reads it; empty if the log doesn't say any more.
   *
   * @param start the first revision of the batch that holds {@code from}
   * @param timeBefore the time of the revision before {@code start}; 0 if there is none, negative
   *     if nobody knows
   */
  static Optional<LogSpan> read(LogStore log, long start, long timeBefore, long from, long last) {
    LongList times = LongList.of();
    LongList parents = LongList.of();
    LongList starts = LongList.of();
    List<Decision> decisions = new ArrayList<>();
    long revision = start;
    long time = timeBefore;
    boolean timed = true;
    while (revision <= last) {
      LogStore.Found found;
      try {
        found = log.read(revision);
      } catch (CorruptRecordException e) {
        return Optional.empty();
      }
      if (!(found instanceof LogStore.Found.Batch batch)) {
        return Optional.empty();
      }
      starts = starts.plus(revision);
      for (LogEntry entry : batch.batch().entries()) {
        timed &= time >= 0 || !(entry instanceof LogEntry.Voided);
        time = entry instanceof LogEntry.Voided ? time + 1 : entry.header().time();
        if (revision >= from && revision <= last) {
          times = times.plus(time);
          parents = parents.plus(DatabaseState.parent(entry));
          Decision.of(revision, entry, time).ifPresent(decisions::add);
        }
        revision++;
      }
    }
    return Optional.of(new LogSpan(from, timed, times, parents, starts, decisions));
  }

  /** As the greatest page that begins at {@code first}. */
  Page page(String incarnation, long first, PageLayout layout) {
    List<Page> pages = new ArrayList<>();
    long last = from + times.size() - 1;
    for (long at = first; at <= last; at += layout.block()) {
      long next = at + layout.block();
      long known = Math.max(at, from);
      if (known >= next) {
        pages.add(Page.of(incarnation, at, next, new long[0], new long[0], new long[0], List.of()));
        continue;
      }
      int skipped = (int) (known - from);
      int count = (int) (next - known);
      pages.add(
          Page.of(
              incarnation,
              at,
              known,
              times.dropFirst(skipped).first(count),
              parents.dropFirst(skipped).first(count),
              starts
                  .dropFirst(starts.floorIndex(known))
                  .first(starts.floorIndex(next - 1) - starts.floorIndex(known) + 1),
              decisions.stream()
                  .filter(d -> d.revision() >= known && d.revision() < next)
                  .toList()));
    }
    return pages.size() == 1 ? pages.get(0) : Page.merged(pages, from);
  }
}
