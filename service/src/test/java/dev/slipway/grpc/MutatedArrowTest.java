package dev.slipway.grpc;

import static dev.slipway.grpc.GrpcFixture.json;
import static dev.slipway.storage.testkit.Columns.bool;
import static dev.slipway.storage.testkit.Columns.fixedList;
import static dev.slipway.storage.testkit.Columns.float32;
import static dev.slipway.storage.testkit.Columns.float64;
import static dev.slipway.storage.testkit.Columns.int32;
import static dev.slipway.storage.testkit.Columns.int64;
import static dev.slipway.storage.testkit.Columns.list;
import static dev.slipway.storage.testkit.Columns.required;
import static dev.slipway.storage.testkit.Columns.schema;
import static dev.slipway.storage.testkit.Columns.struct;
import static dev.slipway.storage.testkit.Columns.timestamp;
import static dev.slipway.storage.testkit.Columns.utf8;
import static dev.slipway.storage.testkit.Rows.row;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import dev.slipway.engine.TableSchema;
import dev.slipway.engine.testkit.BackendKind;
import dev.slipway.grpc.payload.IpcStreams;
import dev.slipway.grpc.payload.IpcWriter;
import dev.slipway.grpc.payload.Mutations;
import dev.slipway.storage.VectorCheck;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.CommitServiceGrpc;
import dev.slipway.v1.CountRequest;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.PayloadFormat;
import dev.slipway.v1.ReadAt;
import dev.slipway.v1.ScanRequest;
import dev.slipway.v1.StageWriteRequest;
import dev.slipway.v1.StageWriteResponse;
import dev.slipway.v1.StagingServiceGrpc;
import dev.slipway.v1.WriteHeader;
import dev.slipway.v1.WriteRequest;
import dev.slipway.v1.WriteResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged Arrow data, through a client, down to the storage: one wrong offset in native code would
 * end the process. What is refused is refused with a reason; what is taken can be read back, and is
 * the same on every backend.
 */
final class MutatedArrowTest {
  private static final int STREAMS = 1_000;
  private static final int AT_ONCE = 40;
  private static final int SCHEMAS = 500;

  private static final Schema SCHEMA =
      schema(
          required(int64("id")),
          utf8("name"),
          bool("flag"),
          timestamp("at", org.apache.arrow.vector.types.TimeUnit.MICROSECOND, "UTC"),
          list("tags", utf8("item")),
          list("numbers", int32("item")),
          fixedList("vector", 3, float32("item")),
          struct("place", utf8("town"), struct("at", float64("lat"), bool("exact"))));

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {21, 22, 23})
  void upload_ofMutatedArrow_isRefusedWithAReasonOrCanBeRead(long seed, @TempDir Path folder) {
    Random random = new Random(seed);
    try (GrpcFixture lance = new GrpcFixture(BackendKind.LANCE, folder).withPerson();
        GrpcFixture memory = new GrpcFixture(BackendKind.MEMORY, folder).withPerson()) {
      // One batch is handed to native code, several are pulled by it.
      List<byte[]> good =
          List.of(
              IpcStreams.of(lance.allocator(), SCHEMA, rows(60)).toByteArray(),
              IpcStreams.of(lance.allocator(), SCHEMA, rows(60), 20).toByteArray());
      Table tested = new Table(lance);
      Table model = new Table(memory);
      for (int i = 0; i < STREAMS; i += AT_ONCE) {
        List<Damaged> streams = new ArrayList<>();
        for (int n = 0; n < AT_ONCE; n++) {
          byte[] stream = Mutations.of(good.get(n % 2), random);
          streams.add(new Damaged(stream, random.nextInt(stream.length + 1), n % 4 < 2));
        }
        assertThat(tested.take(streams)).as("answers").isEqualTo(model.take(streams));
      }

      assertThat(tested.refused).isBetween(STREAMS / 5, STREAMS * 9 / 10);
      assertThat(tested.written).isGreaterThan(STREAMS);
      tested.commitStaged();
      model.commitStaged();
      assertThat(tested.read()).hasSize(tested.written).isEqualTo(model.read());
      tested.readAsArrow();
      lance.assertNothingLeft(tested.head);
      memory.assertNothingLeft(model.head);
      tested.readWhileStaged();
    }
  }

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void createTable_ofAMutatedSchema_isRefusedWithAReasonOrCanBeUsed(
      BackendKind kind, @TempDir Path folder) {
    Random random = new Random(31);
    byte[] good = IpcWriter.schemaOnly(SCHEMA).toByteArray();
    int created = 0;
    try (GrpcFixture fixture = new GrpcFixture(kind, folder).withPerson()) {
      long head = fixture.head();
      for (int i = 0; i < SCHEMAS; i++) {
        String table = "t" + i;
        CreateTableRequest.Builder create =
            CreateTableRequest.newBuilder().setDatabase("crm").setTable(table);
        create
            .getSchemaBuilder()
            .setArrowIpcSchema(ByteString.copyFrom(Mutations.of(good, random)));
        String answer = answer(() -> fixture.tables().createTable(create.build()));
        if (answer.isEmpty()) {
          head++;
          created++;
          // A row of nulls, unless a column can't be null.
          WriteRequest.Builder write =
              WriteRequest.newBuilder().setHeader(header(table)).addRows(Struct.newBuilder());
          int rows = answer(() -> fixture.write(write.build())).isEmpty() ? 1 : 0;
          head += rows;
          assertThat(fixture.rows(table)).hasSize(rows);
        }
      }
      assertThat(created).isBetween(SCHEMAS / 50, SCHEMAS / 2);
      fixture.assertNothingLeft(head);
    }
  }

  /**
   * @param cut where it is divided into two messages
   * @param staged or written at once
   */
  private record Damaged(byte[] stream, int cut, boolean staged) {}

  /** What one server made of them. */
  private static final class Table {
    private final GrpcFixture fixture;
    private final List<String> staged = new ArrayList<>();
    private final List<ByteString> good = new ArrayList<>();
    int refused;
    int written;
    long head;

    Table(GrpcFixture fixture) {
      this.fixture = fixture;
      fixture
          .tables()
          .createTable(
              CreateTableRequest.newBuilder()
                  .setDatabase("crm")
                  .setTable("odd")
                  .setSchema(SchemaMessages.write(new TableSchema(SCHEMA, List.of())))
                  .build());
      head = fixture.head();
    }

    /** Rows taken, or the reason of the refusal, of each. */
    List<String> take(List<Damaged> streams) {
      List<Answer<?>> answers = streams.stream().<Answer<?>>map(this::upload).toList();
      List<String> outcomes = new ArrayList<>();
      for (int i = 0; i < streams.size(); i++) {
        outcomes.add(outcome(streams.get(i), answers.get(i)));
      }
      return outcomes;
    }

    private Answer<?> upload(Damaged damaged) {
      ByteString stream = ByteString.copyFrom(damaged.stream());
      ByteString first = stream.substring(0, damaged.cut());
      ByteString rest = stream.substring(damaged.cut());
      if (damaged.staged()) {
        return stage(first, rest);
      }
      Answer<WriteResponse> answer = new Answer<>();
      StreamObserver<WriteRequest> upload =
          CommitServiceGrpc.newStub(fixture.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .write(answer);
      upload.onNext(WriteRequest.newBuilder().setHeader(header("odd")).setArrowIpc(first).build());
      upload.onNext(WriteRequest.newBuilder().setArrowIpc(rest).build());
      upload.onCompleted();
      return answer;
    }

    private Answer<StageWriteResponse> stage(ByteString first, ByteString rest) {
      Answer<StageWriteResponse> answer = new Answer<>();
      StreamObserver<StageWriteRequest> upload =
          StagingServiceGrpc.newStub(fixture.channel())
              .withDeadlineAfter(60, TimeUnit.SECONDS)
              .stageWrite(answer);
      upload.onNext(
          StageWriteRequest.newBuilder().setHeader(header("odd")).setArrowIpc(first).build());
      upload.onNext(StageWriteRequest.newBuilder().setArrowIpc(rest).build());
      upload.onCompleted();
      return answer;
    }

    private String outcome(Damaged damaged, Answer<?> answer) {
      Object[] message = {""};
      String refusal = answer(() -> message[0] = answer.get());
      if (!refusal.isEmpty()) {
        refused++;
        return refusal;
      }
      good.add(ByteString.copyFrom(damaged.stream()));
      long rows;
      if (message[0] instanceof StageWriteResponse response) {
        staged.add(response.getStagedWrite().getId());
        rows = response.getStagedWrite().getRowsAdded();
      } else {
        head++;
        rows =
            ((WriteResponse) message[0])
                .getTablesList().stream().mapToLong(t -> t.getRowsAdded()).sum();
      }
      written += (int) rows;
      return rows + " rows";
    }

    /** One by one: versions between two revisions are nobody's. */
    void commitStaged() {
      for (String id : staged) {
        head++;
        CommitRequest commit =
            CommitRequest.newBuilder().setDatabase("crm").addStagedWriteIds(id).build();
        assertThat(fixture.commits().commit(commit).getRevision()).isEqualTo(head);
      }
    }

    /** All rows as text, in no order of the storage's. */
    List<String> read() {
      assertThat(fixture.count("odd")).isEqualTo(written);
      return fixture.rows("odd").stream().map(Struct::toString).sorted().toList();
    }

    void readAsArrow() {
      int rows = 0;
      ByteString.Output stream = ByteString.newOutput();
      fixture
          .reads()
          .scan(ScanRequest.newBuilder().setDatabase("crm").setTable("odd").build())
          .forEachRemaining(
              message -> {
                try {
                  message.getArrowIpc().writeTo(stream);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      try (BufferAllocator allocator =
              fixture.engine().allocator().newChildAllocator("scan", 0, Long.MAX_VALUE);
          ArrowStreamReader reader =
              new ArrowStreamReader(stream.toByteString().newInput(), allocator)) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        while (reader.loadNextBatch()) {
          for (FieldVector vector : root.getFieldVectors()) {
            VectorCheck.check(vector.getName(), vector, root.getRowCount());
          }
          rows += root.getRowCount();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      assertThat(rows).isEqualTo(written);
    }

    /** Some of those taken, once more, read before they are committed. */
    void readWhileStaged() {
      for (ByteString stream : good.subList(0, 10)) {
        StageWriteResponse answer = stage(stream, ByteString.EMPTY).get();
        ReadAt at = ReadAt.newBuilder().setStagedWriteId(answer.getStagedWrite().getId()).build();
        long rows = written + answer.getStagedWrite().getRowsAdded();
        CountRequest count =
            CountRequest.newBuilder().setDatabase("crm").setTable("odd").setAt(at).build();
        assertThat(fixture.reads().count(count).getCount()).isEqualTo(rows);
        long[] scanned = {0};
        ScanRequest scan =
            ScanRequest.newBuilder()
                .setDatabase("crm")
                .setTable("odd")
                .setAt(at)
                .setFormat(PayloadFormat.PAYLOAD_FORMAT_ROWS)
                .build();
        fixture
            .reads()
            .scan(scan)
            .forEachRemaining(message -> scanned[0] += message.getRowsCount());
        assertThat(scanned[0]).isEqualTo(rows);
      }
    }
  }

  /** The reason of a refusal, which must be one a client can mend; empty if there was none. */
  private static String answer(Runnable call) {
    try {
      call.run();
      return "";
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode())
          .as("%s", e)
          .isIn(
              Status.Code.INVALID_ARGUMENT,
              Status.Code.FAILED_PRECONDITION,
              Status.Code.NOT_FOUND,
              Status.Code.RESOURCE_EXHAUSTED);
      return Failures.info(StatusProto.fromThrowable(e)).getReason();
    }
  }

  private static WriteHeader header(String table) {
    return json("{database: 'crm', table: '" + table + "', append: {}}", WriteHeader.newBuilder());
  }

  private static List<Map<String, @Nullable Object>> rows(int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      boolean full = i % 3 != 1;
      rows.add(
          row(
              "id", i,
              "name", full ? "name " + i : null,
              "flag", i % 2 == 0,
              "at", full ? Instant.ofEpochSecond(1_700_000_000 + i) : null,
              "tags", full ? Arrays.asList("a" + i, null, "\u00e4") : null,
              "numbers", i % 3 == 0 ? List.of() : List.of(i, 2L),
              "vector", full ? List.of(1f, 0.5f, (float) i) : null,
              "place",
                  full ? row("town", "Emden", "at", row("lat", 53.4, "exact", i % 2 == 0)) : null));
    }
    return rows;
  }
}
