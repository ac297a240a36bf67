package dev.slipway.storage.memory;

import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Operand.Column;
import dev.slipway.storage.predicate.Operand.Literal;
import dev.slipway.storage.predicate.Predicate;
import dev.slipway.storage.predicate.Predicate.And;
import dev.slipway.storage.predicate.Predicate.Compare;
import dev.slipway.storage.predicate.Predicate.Comparison;
import dev.slipway.storage.predicate.Predicate.Constant;
import dev.slipway.storage.predicate.Predicate.In;
import dev.slipway.storage.predicate.Predicate.IsNull;
import dev.slipway.storage.predicate.Predicate.IsTrue;
import dev.slipway.storage.predicate.Predicate.Like;
import dev.slipway.storage.predicate.Predicate.Not;
import dev.slipway.storage.predicate.Predicate.Or;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VariableWidthVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Lays bound predicates on vectors. */
final class Conditions {
  private final VectorSchemaRoot root;

  private Conditions(VectorSchemaRoot root) {
    this.root = root;
  }

  /**
   * @param predicate bound to the schema of {@code root}
   */
  static Condition on(VectorSchemaRoot root, Predicate predicate) {
    return new Conditions(root).lay(predicate);
  }

  private Condition lay(Predicate predicate) {
    if (predicate instanceof And and) {
      return and(and.terms().stream().map(this::lay).toArray(Condition[]::new));
    }
    if (predicate instanceof Or or) {
      return or(or.terms().stream().map(this::lay).toArray(Condition[]::new));
    }
    if (predicate instanceof Not not) {
      Condition term = lay(not.term());
      return row -> term.at(row).not();
    }
    if (predicate instanceof Compare compare) {
      return compare(compare);
    }
    if (predicate instanceof In in) {
      return in(in);
    }
    if (predicate instanceof IsNull isNull) {
      FieldVector vector = vector(isNull.column());
      return row -> Truth.of(vector.isNull(row));
    }
    if (predicate instanceof Like like) {
      return like(like);
    }
    if (predicate instanceof IsTrue isTrue) {
      BitVector vector = (BitVector) vector(isTrue.column());
      return row -> vector.isNull(row) ? Truth.UNKNOWN : Truth.of(vector.get(row) == 1);
    }
    Truth constant = Truth.of(((Constant) predicate).value());
    return row -> constant;
  }

  private static Condition and(Condition[] terms) {
    return row -> {
      Truth least = Truth.TRUE;
      for (Condition term : terms) {
        Truth truth = term.at(row);
        if (truth == Truth.FALSE) {
          return truth;
        }
        least = truth == Truth.UNKNOWN ? truth : least;
      }
      return least;
    };
  }

  private static Condition or(Condition[] terms) {
    return row -> {
      Truth greatest = Truth.FALSE;
      for (Condition term : terms) {
        Truth truth = term.at(row);
        if (truth == Truth.TRUE) {
          return truth;
        }
        greatest = truth == Truth.UNKNOWN ? truth : greatest;
      }
      return greatest;
    };
  }

  private Condition compare(Compare compare) {
    FieldVector left = vector((Column) compare.left());
    Comparison comparison = compare.comparison();
    if (compare.right() instanceof Column column) {
      FieldVector right = vector(column);
      ValueOrder order = ValueOrder.of(left, right);
      return row ->
          left.isNull(row) || right.isNull(row)
              ? Truth.UNKNOWN
              : Truth.of(holds(comparison, order.compare(row, row)));
    }
    ValueOrder order = ValueOrder.of(left, List.of((Literal) compare.right()));
    return row ->
        left.isNull(row) ? Truth.UNKNOWN : Truth.of(holds(comparison, order.compare(row, 0)));
  }

  private static boolean holds(Comparison comparison, int order) {
    return switch (comparison) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
    };
  }

  private Condition in(In in) {
    FieldVector vector = vector(in.column());
    ValueOrder order = ValueOrder.of(vector, in.values());
    int last = in.values().size() - 1;
    return row -> {
      if (vector.isNull(row)) {
        return Truth.UNKNOWN;
      }
      int low = 0;
      int high = last;
      while (low <= high) {
        int middle = (low + high) >>> 1;
        int comparison = order.compare(row, middle);
        if (comparison == 0) {
          return Truth.TRUE;
        }
        if (comparison > 0) {
          low = middle + 1;
        } else {
          high = middle - 1;
        }
      }
      return Truth.FALSE;
    };
  }

  private Condition like(Like like) {
    FieldVector vector = vector(like.column());
    LikePattern pattern = LikePattern.of(like.pattern());
    VariableWidthVector text = (VariableWidthVector) vector;
    return row ->
        vector.isNull(row)
            ? Truth.UNKNOWN
            : Truth.of(
                pattern.matches(new String(TextOrder.bytes(text, row), StandardCharsets.UTF_8)));
  }

  private FieldVector vector(Operand.Column column) {
    return root.getVector(column.name());
  }
}
