package dev.slipway.engine.state;

import dev.slipway.engine.log.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the log said revision by revision: times, parents, batches and decisions. Whole blocks lie
 * in pages, which all states share; the rest, less than a block, beside them. Immutable.
 *
 * <p>Pages reach back beyond {@link #from()}, to the beginning of a greatest range, and decisions
 * of the rest stay although they are forgotten: so a page can always be made, and is the same
 * whoever makes it.
 */
final class Timeline {
  private final String incarnation;
  private final PageLayout layout;
  private final long from;
  private final List<Page> pages;
  private final long restFrom;
  private final LongList times;
  private final LongList parents;
  private final LongList starts;
  private final Decisions decisions;

  /**
   * @param from the oldest revision that is asked for
   * @param restFrom the first revision that no page has: {@code times} and {@code parents} begin
   *     there, {@code starts} with the batch that holds it
   */
  Timeline(
      String incarnation,
      PageLayout layout,
      long from,
      List<Page> pages,
      long restFrom,
      LongList times,
      LongList parents,
      LongList starts,
      Recent recent,
      long decisionsFloor) {
    this(
        incarnation,
        layout,
        from,
        List.copyOf(pages),
        restFrom,
        times,
        parents,
        starts,
        new Decisions(List.copyOf(pages), recent, decisionsFloor));
  }

  private Timeline(
      String incarnation,
      PageLayout layout,
      long from,
      List<Page> pages,
      long restFrom,
      LongList times,
      LongList parents,
      LongList starts,
      Decisions decisions) {
    this.incarnation = incarnation;
    this.layout = layout;
    this.from = from;
    this.pages = pages;
    this.restFrom = restFrom;
    this.times = times;
    this.parents = parents;
    this.starts = starts;
    this.decisions = decisions;
  }

  /** Before the first entry. */
  static Timeline initial(String incarnation, PageLayout layout) {
    return new Timeline(
        incarnation,
        layout,
        1,
        List.of(),
        1,
        LongList.of(),
        LongList.of(),
        LongList.of(),
        Recent.NONE,
        0);
  }

  PageLayout layout() {
    return layout;
  }

  long from() {
    return from;
  }

  List<Page> pages() {
    return pages;
  }

  long restFrom() {
    return restFrom;
  }

  LongList times() {
    return times;
  }

  LongList parents() {
    return parents;
  }

  LongList starts() {
    return starts;
  }

  Decisions decisions() {
    return decisions;
  }

  private long last() {
    return restFrom + times.size() - 1;
  }

  /** The time of the newest revision; 0 before the first. */
  long lastTime() {
    return last() == 0 ? 0 : time(last());
  }

  private long time(long revision) {
    return revision >= restFrom
        ? times.get((int) (revision - restFrom))
        : page(revision).time(revision);
  }

  long parentOf(long revision) {
    if (revision < from || revision > last()) {
      return -1;
    }
    return revision >= restFrom
        ? parents.get((int) (revision - restFrom))
        : page(revision).parent(revision);
  }

  long batchStart(long revision) {
    int index = starts.floorIndex(revision);
    if (index >= 0) {
      return Math.max(from, starts.get(index));
    }
    return revision < from || pages.isEmpty()
        ? from
        : Math.max(from, page(Math.min(revision, restFrom - 1)).start(revision));
  }

  long revisionAt(long micros) {
    int index = times.floorIndex(micros);
    if (index >= 0) {
      return Math.max(from - 1, restFrom + index);
    }
    for (int i = pages.size() - 1; i >= 0; i--) {
      Page page = pages.get(i);
      long found = page.revisionAt(micros);
      if (found >= page.first()) {
        return Math.max(from - 1, found);
      }
    }
    return from - 1;
  }

  private Page page(long revision) {
    int low = 0;
    int high = pages.size() - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (pages.get(middle).last() < revision) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return pages.get(low);
  }

  /** One more revision. */
  Timeline plus(long time, long parent, Optional<Decision> decision) {
    Recent recent = decisions.recent();
    return new Timeline(
        incarnation,
        layout,
        from,
        pages,
        restFrom,
        times.plus(time),
        parents.plus(parent),
        starts,
        new Decisions(pages, decision.map(recent::plus).orElse(recent), decisions.floor()));
  }

  /** Forgets the decisions that are older than the window in time and in revisions. */
  Timeline forget(Settings settings) {
    long oldTime = lastTime() - settings.idempotencySeconds() * 1_000_000;
    long oldRevision = last() - settings.idempotencyCommits();
    long floor = decisions.floor();
    long next = Math.max(1, floor);
    while (next < oldRevision && time(next) < oldTime) {
      floor = ++next;
    }
    if (floor == decisions.floor()) {
      return this;
    }
    boolean rangeLeft =
        PageLayout.start(floor, layout.top())
            > PageLayout.start(Math.max(1, decisions.floor()), layout.top());
    List<Page> kept = rangeLeft ? withoutForgotten(pages, layout, floor) : pages;
    return new Timeline(
        incarnation,
        layout,
        from,
        kept,
        restFrom,
        times,
        parents,
        starts,
        new Decisions(kept, decisions.recent(), floor));
  }

  /** Frees memory of what greatest pages below the floor decided: they never become another's. */
  static List<Page> withoutForgotten(List<Page> pages, PageLayout layout, long floor) {
    return pages.stream()
        .map(
            page ->
                page.last() < floor && page.size() == layout.top() && page.isStored()
                    ? page.forgotten()
                    : page)
        .toList();
  }

  /** After the last revision of a batch: what it completes becomes pages. */
  Timeline ended(long firstOfBatch) {
    Timeline timeline =
        new Timeline(
            incarnation,
            layout,
            from,
            pages,
            restFrom,
            times,
            parents,
            starts.plus(firstOfBatch),
            decisions);
    while (timeline.times.size() >= layout.block()) {
      timeline = timeline.paged();
    }
    return timeline;
  }

  private Timeline paged() {
    int count = layout.block();
    long next = restFrom + count;
    List<Decision> all = decisions.recent().all();
    List<Page> more = new ArrayList<>(pages);
    more.add(
        Page.of(
            incarnation,
            restFrom,
            restFrom,
            times.first(count),
            parents.first(count),
            starts.first(starts.floorIndex(next - 1) + 1),
            all.stream().filter(decision -> decision.revision() < next).toList()));
    merge(more, layout);
    boolean nothingLeft = times.size() == count;
    return new Timeline(
        incarnation,
        layout,
        from,
        more,
        next,
        times.dropFirst(count),
        parents.dropFirst(count),
        nothingLeft ? LongList.of() : starts.dropFirst(starts.floorIndex(next)),
        nothingLeft ? Recent.NONE : decisions.recent().from(next),
        decisions.floor());
  }

  private static void merge(List<Page> pages, PageLayout layout) {
    for (int level = 0; level < layout.levels(); level++) {
      int from = pages.size() - layout.fan();
      if (from < 0) {
        return;
      }
      long size = layout.size(level);
      List<Page> last = pages.subList(from, pages.size());
      if (PageLayout.start(last.get(0).first(), size * layout.fan()) != last.get(0).first()
          || !last.stream().allMatch(page -> page.size() == size && page.isWhole())) {
        return;
      }
      Page merged = Page.merged(last);
      last.clear();
      pages.add(merged);
    }
  }

  /** Whether it knows all of its pages. */
  boolean isWhole() {
    return pages.stream().allMatch(Page::isWhole);
  }

  /**
   * The page that can't become part of a greater one, where that is due, as its beginning is known
   * nowhere.
   */
  Optional<Page> unmergeable() {
    boolean canonical =
        pages.stream()
            .allMatch(page -> layout.isCurrent(page.first(), page.last(), from, restFrom - 1));
    return canonical
        ? Optional.empty()
        : pages.stream().filter(page -> !page.isWhole()).findFirst();
  }

  /** Without what was before the batch that holds {@code keep}, as far as pages allow. */
  Timeline expire(long keep) {
    long newFrom = keep == 0 ? from : Math.max(from, batchStart(keep));
    if (newFrom == from) {
      return this;
    }
    long kept = PageLayout.start(newFrom, layout.top());
    return new Timeline(
        incarnation,
        layout,
        newFrom,
        pages.stream().filter(page -> page.last() >= kept).toList(),
        restFrom,
        times,
        parents,
        starts,
        decisions.recent(),
        decisions.floor());
  }
}
