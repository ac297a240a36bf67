package dev.slipway.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.storage.ScanRequest;
import dev.slipway.storage.StagedWrite;
import dev.slipway.storage.TableId;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.contract.TreeWrites.TreeWrite;
import dev.slipway.storage.predicate.Predicate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A growing tree of versions of one table, each with the rows it must have. */
final class VersionTree {
  /** New versions mostly grow from the latest ones. */
  private static final int YOUNG = 6;

  private final BackendFixture fixture;
  private final List<Node> nodes = new ArrayList<>();
  private final List<String> log = new ArrayList<>();

  private record Node(int number, TableVersion version, List<Map<String, @Nullable Object>> rows) {}

  VersionTree(BackendFixture fixture, TableId table) {
    this.fixture = fixture;
    nodes.add(new Node(0, fixture.create(table, TreeWrites.SCHEMA), List.of()));
  }

  List<String> log() {
    return log;
  }

  /** One step; its seed alone decides what it does, so steps before it may be left out. */
  void step(long seed) {
    Random random = new Random(seed);
    Node base = young(random);
    TreeWrite write = new TreeWrites(fixture, random).next(base.rows().size());
    log.add("#" + base.number() + " " + write.name());
    StagedWrite staged = write.stage().apply(base.version());
    switch (random.nextInt(10)) {
      case 0 -> commitThroughToken(write, staged, base);
      case 1 -> {
        commit(write, staged, base);
        commit(write, staged, base);
      }
      case 2, 3, 4 -> loseRace(write, staged, base, random);
      default -> commit(write, staged, base);
    }
    if (random.nextInt(5) == 0) {
      check(nodes.get(random.nextInt(nodes.size())), random);
    }
  }

  /** Reads every version. */
  void checkAll() {
    nodes.forEach(this::check);
  }

  private void commit(TreeWrite write, StagedWrite staged, Node base) {
    List<Map<String, @Nullable Object>> expected = write.model().apply(base.rows());
    TableVersion version = fixture.tables().commit(staged);
    Node node = new Node(nodes.size(), version, expected);
    log.add("  -> #" + node.number() + " on #" + base.number());
    nodes.add(node);
    long kept = expected.size() - staged.facts().rowsAdded();
    assertThat(version.facts().rows()).as("rows of #%d", node.number()).isEqualTo(expected.size());
    assertThat(version.facts().rowsAdded())
        .as("rows added by #%d", node.number())
        .isEqualTo(staged.facts().rowsAdded());
    assertThat(version.facts().rowsRemoved())
        .as("rows removed by #%d", node.number())
        .isEqualTo(base.rows().size() - kept)
        .isEqualTo(staged.facts().rowsRemoved());
  }

  private void commitThroughToken(TreeWrite write, StagedWrite staged, Node base) {
    log.add("  through its token");
    commit(write, fixture.tables().fromToken(fixture.tables().toToken(staged)), base);
  }

  /** Another version was published first: the write is moved there; its own base is kept too. */
  private void loseRace(TreeWrite write, StagedWrite staged, Node base, Random random) {
    if (random.nextBoolean()) {
      commit(write, staged, base);
    }
    Node winner = random.nextInt(3) == 0 ? nodes.get(random.nextInt(nodes.size())) : young(random);
    log.add("  moved to #" + winner.number());
    StagedWrite moved = fixture.rebased(staged, winner.version());
    commit(write, moved, winner);
    if (random.nextInt(4) == 0) {
      Node next = young(random);
      log.add("  moved again to #" + next.number());
      commit(write, fixture.rebased(moved, next.version()), next);
    }
  }

  private void check(Node node, Random random) {
    check(node);
    Predicate predicate = TreeWrites.predicates(random).next(2);
    List<Map<String, @Nullable Object>> expected =
        node.rows().stream().filter(row -> ReferenceFilter.keeps(predicate, row)).toList();
    assertThat(fixture.rows(node.version(), ScanRequest.ALL.withFilter(predicate)))
        .as("rows of #%d where %s", node.number(), predicate)
        .isEqualTo(expected);
    assertThat(fixture.count(node.version(), Optional.of(predicate)))
        .as("count of #%d where %s", node.number(), predicate)
        .isEqualTo(expected.size());
  }

  private void check(Node node) {
    assertThat(fixture.rows(node.version()))
        .as("rows of #%d", node.number())
        .isEqualTo(node.rows());
  }

  private Node young(Random random) {
    int age = random.nextInt(10) == 0 ? random.nextInt(nodes.size()) : random.nextInt(YOUNG);
    return nodes.get(Math.max(0, nodes.size() - 1 - age));
  }
}
