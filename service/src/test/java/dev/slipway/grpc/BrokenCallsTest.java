package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.database.EngineOptions;
import dev.slipway.engine.fault.FailPoint;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.engine.testkit.EngineFixture;
import dev.slipway.v1.CreateDatabaseRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that something worse than an exception breaks off. */
final class BrokenCallsTest {
  @TempDir private Path folder;

  @Test
  void call_thatAnErrorBreaksOff_isAnsweredAndGivesItsPlaceBack() {
    AtomicBoolean broken = new AtomicBoolean(true);
    EngineFixture engine =
        EngineFixture.open(
            BackendKind.MEMORY,
            folder,
            point -> {
              if (point == FailPoint.DATABASE_BEFORE_CLAIM && broken.getAndSet(false)) {
                throw new UnsatisfiedLinkError("injected: no library");
              }
            },
            EngineOptions.DEFAULT);
    try (GrpcFixture fixture = new GrpcFixture(engine, GrpcOptions.DEFAULT)) {
      CreateDatabaseRequest request = CreateDatabaseRequest.newBuilder().setDatabase("crm").build();
      assertThat(
              catchThrowableOfType(
                      StatusRuntimeException.class,
                      () ->
                          fixture
                              .databases()
                              .withDeadlineAfter(10, TimeUnit.SECONDS)
                              .createDatabase(request))
                  .getStatus()
                  .getCode())
          .isEqualTo(Status.Code.INTERNAL);
      var unused = fixture.databases().createDatabase(request);
    }
  }
}
