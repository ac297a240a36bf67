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
  private final Rest rest;
  private final Decisions decisions;

  /**
   * The revisions that no page has.
   *
   * @param from the first: {@code times} and {@code parents} begin there, {@code starts} with the
   *     batch that holds it
   */
  record Rest(long from, LongList times, LongList parents, LongList starts) {
    static final Rest NONE = new Rest(1, LongList.of(), LongList.of(), LongList.of());

    long last() {
      return from + times.size() - 1;
    }

    long time(long revision) {
      return times.get((int) (revision - from));
    }

    long parent(long revision) {
      return parents.get((int) (revision - from));
    }

    /** With one more revision. */
    Rest plus(long time, long parent) {
      return new Rest(from, times.plus(time), parents.plus(parent), starts);
    }

    /** After the last revision of a batch. */
    Rest ended(long firstOfBatch) {
      return new Rest(from, times, parents, starts.plus(firstOfBatch));
    }

    Rest dropFirst(int count) {
      long next = from + count;
      return new Rest(
          next,
          times.dropFirst(count),
          parents.dropFirst(count),
          times.size() == count ? LongList.of() : starts.dropFirst(starts.floorIndex(next)));
    }
  }

  /**
   * @param from the oldest revision that is asked for
   */
  Timeline(
      String incarnation,
      PageLayout layout,
      long from,
      List<Page> pages,
      Rest rest,
      Recent recent,
      long decisionsFloor) {
    this(
        incarnation,
        layout,
        from,
        List.copyOf(pages),
        rest,
        new Decisions(List.copyOf(pages), recent, decisionsFloor));
  }

  private Timeline(
      String incarnation,
      PageLayout layout,
      long from,
      List<Page> pages,
      Rest rest,
      Decisions decisions) {
    this.incarnation = incarnation;
    this.layout = layout;
    this.from = from;
    this.pages = pages;
    this.rest = rest;
    this.decisions = decisions;
  }

  /** Before the first entry. */
  static Timeline initial(String incarnation, PageLayout layout) {
    return new Timeline(incarnation, layout, 1, List.of(), Rest.NONE, Recent.NONE, 0);
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

  Rest rest() {
    return rest;
  }

  Decisions decisions() {
    return decisions;
  }

  private long last() {
    return rest.last();
  }

  /** The time of the newest revision; 0 before the first. */
  long lastTime() {
    return last() == 0 ? 0 : time(last());
  }

  private long time(long revision) {
    return revision >= rest.from() ? rest.time(revision) : page(revision).time(revision);
  }

  long parentOf(long revision) {
    if (revision < from || revision > last()) {
      return -1;
    }
    return revision >= rest.from() ? rest.parent(revision) : page(revision).parent(revision);
  }

  long batchStart(long revision) {
    int index = rest.starts().floorIndex(revision);
    if (index >= 0) {
      return Math.max(from, rest.starts().get(index));
    }
    return revision < from || pages.isEmpty()
        ? from
        : Math.max(from, page(Math.min(revision, rest.from() - 1)).start(revision));
  }

  long revisionAt(long micros) {
    int index = rest.times().floorIndex(micros);
    if (index >= 0) {
      return Math.max(from - 1, rest.from() + index);
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
        rest.plus(time, parent),
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
        incarnation, layout, from, kept, rest, new Decisions(kept, decisions.recent(), floor));
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
        new Timeline(incarnation, layout, from, pages, rest.ended(firstOfBatch), decisions);
    while (timeline.rest.times().size() >= layout.block()) {
      timeline = timeline.paged();
    }
    return timeline;
  }

  private Timeline paged() {
    int count = layout.block();
    long next = rest.from() + count;
    List<Decision> all = decisions.recent().all();
    List<Page> more = new ArrayList<>(pages);
    more.add(
        Page.of(
            incarnation,
            rest.from(),
            rest.from(),
            rest.times().first(count),
            rest.parents().first(count),
            rest.starts().first(rest.starts().floorIndex(next - 1) + 1),
            all.stream().filter(decision -> decision.revision() < next).toList()));
    merge(more, layout);
    boolean nothingLeft = rest.times().size() == count;
    return new Timeline(
        incarnation,
        layout,
        from,
        more,
        rest.dropFirst(count),
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
            .allMatch(page -> layout.isCurrent(page.first(), page.last(), from, rest.from() - 1));
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
        rest,
        decisions.recent(),
        decisions.floor());
  }
}
