package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.ScanRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A server with one table, asked for what it can't do, on every backend. None of it is answered
 * INTERNAL or UNKNOWN, and none leaves anything behind: no memory, no staged write, no revision, no
 * file but the data of a staged write that was given up, which waits for a cleanup.
 */
@ParameterizedClass(name = "{0}")
@EnumSource(BackendKind.class)
abstract class BadInput {
  @Parameter BackendKind kind = BackendKind.MEMORY;
  GrpcFixture fixture;
  long head;

  /** Data files of staged writes that the test gave up. */
  int givenUp;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(kind, folder).withPerson();
    head = fixture.head();
  }

  @AfterEach
  void stop() {
    try {
      fixture.assertNothingLeft(head, givenUp);
    } finally {
      fixture.close();
    }
  }

  void count(String text) {
    assertThat(fixture.reads().count(json(text, CountRequest.newBuilder())).getCount())
        .isNotNegative();
  }

  void scan(String text) {
    scan(GrpcFixture.<ScanRequest>json(text, ScanRequest.newBuilder()));
  }

  void scan(ScanRequest request) {
    fixture.reads().scan(request).forEachRemaining(message -> assertThat(message).isNotNull());
  }

  static StatusRuntimeException failure(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }

  void createTable(String text) {
    assertThat(fixture.tables().createTable(json(text, CreateTableRequest.newBuilder())).hasTable())
        .isTrue();
  }

  void commit(String text) {
    assertThat(fixture.commits().commit(json(text, CommitRequest.newBuilder())).getRevision())
        .isPositive();
  }
}
