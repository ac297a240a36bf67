package dev.slipway.engine.state;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * The decisions that no page has yet, less than a block of them: those of the checkpoint that a
 * state was loaded from, packed until one is asked for, and those since. Immutable.
 */
final class Recent {
  static final Recent NONE = of(new byte[0]);

  private final Loaded loaded;
  private final PVector<Decision> since;
  private final HashPMap<String, Decision> byOperation;
  private final HashPMap<String, Decision> byRequest;

  private Recent(
      Loaded loaded,
      PVector<Decision> since,
      HashPMap<String, Decision> byOperation,
      HashPMap<String, Decision> byRequest) {
    this.loaded = loaded;
    this.since = since;
    this.byOperation = byOperation;
    this.byRequest = byRequest;
  }

  /** As a checkpoint has them. */
  static Recent of(byte[] packed) {
    return new Recent(
        new Loaded(packed), TreePVector.empty(), HashTreePMap.empty(), HashTreePMap.empty());
  }

  Recent plus(Decision decision) {
    String request = decision.request();
    return new Recent(
        loaded,
        since.plus(decision),
        byOperation.plus(decision.op(), decision),
        request == null ? byRequest : byRequest.plus(request, decision));
  }

  /** The newest that decides the operation, whether forgotten or not. */
  @Nullable Decision operation(String op) {
    Decision found = byOperation.get(op);
    return found != null ? found : loaded.maps().byOperation().get(op);
  }

  /** The newest that decides the request, whether forgotten or not. */
  @Nullable Decision request(String request) {
    Decision found = byRequest.get(request);
    return found != null ? found : loaded.maps().byRequest().get(request);
  }

  /** In order of revision. */
  List<Decision> all() {
    List<Decision> all = new ArrayList<>(loaded.maps().all());
    all.addAll(since);
    return all;
  }

  /** Those of revisions from {@code first} on. */
  Recent from(long first) {
    Recent rest = NONE;
    for (Decision decision : all()) {
      if (decision.revision() >= first) {
        rest = rest.plus(decision);
      }
    }
    return rest;
  }

  /** Unpacked when first asked for; two readers at once unpack the same. */
  private static final class Loaded {
    private final byte[] packed;
    private volatile @Nullable Maps maps;

    Loaded(byte[] packed) {
      this.packed = packed;
    }

    record Maps(
        List<Decision> all, Map<String, Decision> byOperation, Map<String, Decision> byRequest) {}

    Maps maps() {
      Maps known = maps;
      if (known == null) {
        List<Decision> all = Packed.decisions(packed);
        Map<String, Decision> byOperation = new HashMap<>(all.size() * 2);
        Map<String, Decision> byRequest = new HashMap<>(all.size() * 2);
        for (Decision decision : all) {
          byOperation.put(decision.op(), decision);
          String request = decision.request();
          if (request != null) {
            byRequest.put(request, decision);
          }
        }
        known = new Maps(all, byOperation, byRequest);
        maps = known;
      }
      return known;
    }
  }
}
