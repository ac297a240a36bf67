package dev.slipway.grpc;

import dev.slipway.engine.Database;
import dev.slipway.engine.DatabaseInfo;
import dev.slipway.engine.Databases;
import dev.slipway.v1.CreateDatabaseRequest;
import dev.slipway.v1.CreateDatabaseResponse;
import dev.slipway.v1.DatabaseServiceGrpc;
import dev.slipway.v1.DropDatabaseRequest;
import dev.slipway.v1.DropDatabaseResponse;
import dev.slipway.v1.GetDatabaseRequest;
import dev.slipway.v1.GetDatabaseResponse;
import dev.slipway.v1.ListDatabasesRequest;
import dev.slipway.v1.ListDatabasesResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** Databases. */
final class DatabaseEndpoint extends DatabaseServiceGrpc.DatabaseServiceImplBase {
  private final Databases databases;
  private final Calls calls;

  DatabaseEndpoint(Databases databases, Calls calls) {
    this.databases = databases;
    this.calls = calls;
  }

  @Override
  public void createDatabase(
      CreateDatabaseRequest request, StreamObserver<CreateDatabaseResponse> observer) {
    calls.unary(
        observer,
        request.getRequestId(),
        context -> {
          Arguments.required("database", request.getDatabase());
          DatabaseInfo created =
              databases.create(
                  context,
                  request.getDatabase(),
                  RequestDigest.key(
                      request.getRequestId(),
                      DatabaseServiceGrpc.getCreateDatabaseMethod().getFullMethodName(),
                      request.toBuilder().clearRequestId().build()));
          return CreateDatabaseResponse.newBuilder()
              .setDatabase(TableMessages.database(created))
              .build();
        });
  }

  @Override
  public void getDatabase(
      GetDatabaseRequest request, StreamObserver<GetDatabaseResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          Database database =
              databases.database(context, Arguments.required("database", request.getDatabase()));
          return GetDatabaseResponse.newBuilder()
              .setDatabase(
                  TableMessages.database(database.info()).toBuilder()
                      .setHeadRevision(database.head()))
              .build();
        });
  }

  @Override
  public void listDatabases(
      ListDatabasesRequest request, StreamObserver<ListDatabasesResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          int size = Arguments.pageSize(request.getPageSize());
          PageToken page = PageToken.read("databases", request.getPageToken());
          List<DatabaseInfo> found = databases.list(context, page.after(), size + 1);
          List<DatabaseInfo> shown = found.subList(0, Math.min(size, found.size()));
          ListDatabasesResponse.Builder answer = ListDatabasesResponse.newBuilder();
          shown.forEach(database -> answer.addDatabases(TableMessages.database(database)));
          if (found.size() > size) {
            answer.setNextPageToken(
                new PageToken(0, shown.get(size - 1).name()).write("databases"));
          }
          return answer.build();
        });
  }

  @Override
  public void dropDatabase(
      DropDatabaseRequest request, StreamObserver<DropDatabaseResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          databases.drop(
              context, Arguments.required("database", request.getDatabase()), request.getForce());
          return DropDatabaseResponse.getDefaultInstance();
        });
  }
}
