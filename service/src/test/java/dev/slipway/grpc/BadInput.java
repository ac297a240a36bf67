package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.ScanRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server with one table, asked for what it can't do. None of it is answered INTERNAL or UNKNOWN,
 * and none leaves anything behind: no memory, no staged write, no revision.
 */
abstract class BadInput {
  GrpcFixture fixture;
  long head;

  @BeforeEach
  void start(@TempDir Path folder) {
    fixture = new GrpcFixture(folder).withPerson();
    head = fixture.head();
  }

  @AfterEach
  void stop() {
    try {
      fixture.assertNothingLeft(head);
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
