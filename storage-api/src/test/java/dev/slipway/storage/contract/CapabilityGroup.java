package dev.slipway.storage.contract;

import static dev.slipway.storage.contract.BackendFixture.fails;

import dev.slipway.storage.Assignment;
import dev.slipway.storage.Capability;
import dev.slipway.storage.StorageErrorCode;
import dev.slipway.storage.TableVersion;
import dev.slipway.storage.predicate.Operand;
import dev.slipway.storage.predicate.Predicate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** A backend that lacks a capability says so, and refuses. */
abstract class CapabilityGroup extends ContractGroup {
  @Test
  void operations_ofLackingCapabilities_areRefused() {
    TableVersion base = fixture.create(PEOPLE, people(0, 2));

    for (Capability lacking : EnumSet.complementOf(copyOf(fixture.tables().capabilities()))) {
      fails(StorageErrorCode.UNSUPPORTED, use(lacking, base));
    }
  }

  private ThrowingCallable use(Capability capability, TableVersion base) {
    List<String> id = List.of("id");
    return switch (capability) {
      case UPSERT -> () -> fixture.stageUpsert(base, id, people(0, 1));
      case PARTIAL_UPSERT -> () -> fixture.stagePartialUpsert(base, id, PEOPLE, people(0, 1));
      case DELETE -> () -> fixture.stageDelete(base, new Predicate.Constant(true));
      case UPDATE ->
          () ->
              fixture.stageUpdate(
                  base, Optional.empty(), new Assignment("name", new Operand.NullLiteral()));
    };
  }

  private static EnumSet<Capability> copyOf(Iterable<Capability> capabilities) {
    EnumSet<Capability> copy = EnumSet.noneOf(Capability.class);
    capabilities.forEach(copy::add);
    return copy;
  }
}
