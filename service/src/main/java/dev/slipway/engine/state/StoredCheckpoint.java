package dev.slipway.engine.state;

import dev.slipway.engine.log.Pin;
import dev.slipway.engine.log.Settings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.TreePMap;

/** A checkpoint's JSON form: table maps shared by branches stand once, and pages are named. */
record StoredCheckpoint(
    int format,
    String incarnation,
    long revision,
    Settings settings,
    List<StoredBranch> branches,
    List<List<Pin>> maps,
    long floor,
    long stagedFloor,
    List<String> renewed,
    long decisionsFloor,
    List<StoredConsumed> consumed,
    PageLayout layout,
    long timesFrom,
    List<Page.Ref> pages,
    Rest rest,
    boolean deleted) {
  static final int FORMAT = 2;

  /** A branch; its tables are an index into the shared maps. */
  record StoredBranch(String name, long incarnation, long head, int tables) {}

  record StoredConsumed(String id, long begun, long revision) {}

  /** What no page has yet, {@link Packed}. */
  record Rest(long from, String times, String parents, String starts, String decisions) {}

  static StoredCheckpoint of(DatabaseState state) {
    Timeline timeline = state.timeline();
    List<List<Pin>> maps = new ArrayList<>();
    Map<TreePMap<String, Pin>, Integer> known = new HashMap<>();
    List<StoredBranch> branches = new ArrayList<>();
    for (Branch branch : state.branches().values()) {
      int index =
          known.computeIfAbsent(
              branch.tables(),
              tables -> {
                maps.add(List.copyOf(tables.values()));
                return maps.size() - 1;
              });
      branches.add(new StoredBranch(branch.name(), branch.incarnation(), branch.head(), index));
    }
    List<StoredConsumed> consumed =
        state.consumed().entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(e -> new StoredConsumed(e.getKey(), e.getValue().begun(), e.getValue().revision()))
            .toList();
    return new StoredCheckpoint(
        FORMAT,
        state.incarnation(),
        state.revision(),
        state.settings(),
        branches,
        maps,
        state.floor(),
        state.stagedFloor(),
        state.renewed().stream().sorted().toList(),
        state.decisions().floor(),
        consumed,
        timeline.layout(),
        timeline.from(),
        timeline.pages().stream().map(Page::ref).toList(),
        new Rest(
            timeline.rest().from(),
            Packed.longs(timeline.rest().times().toArray()),
            Packed.longs(timeline.rest().parents().toArray()),
            Packed.longs(timeline.rest().starts().toArray()),
            Packed.text(Packed.bytes(state.decisions().recent().all()))),
        state.deleted());
  }

  DatabaseState state(PageStore store) {
    List<TreePMap<String, Pin>> tables = new ArrayList<>();
    for (List<Pin> map : maps) {
      TreePMap<String, Pin> pins = TreePMap.empty();
      for (Pin pin : map) {
        pins = pins.plus(Branch.key(pin.name()), pin);
      }
      tables.add(pins);
    }
    TreePMap<String, Branch> named = TreePMap.empty();
    for (StoredBranch branch : branches) {
      named =
          named.plus(
              branch.name(),
              new Branch(
                  branch.name(), branch.incarnation(), branch.head(), tables.get(branch.tables())));
    }
    HashPMap<String, DatabaseState.Use> used = HashTreePMap.empty();
    for (StoredConsumed entry : consumed) {
      used = used.plus(entry.id(), new DatabaseState.Use(entry.begun(), entry.revision()));
    }
    return new DatabaseState(
        incarnation,
        revision,
        settings,
        named,
        floor,
        stagedFloor,
        Set.copyOf(renewed),
        used,
        timeline(store),
        deleted);
  }

  StoredCheckpoint withoutPages() {
    return new StoredCheckpoint(
        format,
        incarnation,
        revision,
        settings,
        branches,
        maps,
        floor,
        stagedFloor,
        renewed,
        decisionsFloor,
        consumed,
        layout,
        timesFrom,
        List.of(),
        rest,
        deleted);
  }

  private Timeline timeline(PageStore store) {
    List<Page> read = new ArrayList<>();
    Optional<Page> before = Optional.empty();
    for (Page.Ref ref : pages) {
      Page page = store.read(incarnation, ref, layout, timesFrom, before);
      read.add(page);
      before = Optional.of(page);
    }
    List<Page> kept = Timeline.withoutForgotten(read, layout, decisionsFloor);
    store.share(kept);
    return new Timeline(
        incarnation,
        layout,
        timesFrom,
        kept,
        new Timeline.Rest(
            rest.from(),
            Packed.longs(rest.times()),
            Packed.longs(rest.parents()),
            Packed.longs(rest.starts())),
        Recent.of(Packed.bytes(rest.decisions())),
        decisionsFloor);
  }
}
