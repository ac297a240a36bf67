package dev.slipway.grpc;

import dev.slipway.engine.AtRevision;
import dev.slipway.engine.CallContext;
import dev.slipway.engine.CommitInfo;
import dev.slipway.engine.Database;
import dev.slipway.engine.Databases;
import dev.slipway.engine.ReadAt;
import dev.slipway.engine.RequestKey;
import dev.slipway.engine.TableCommit;
import dev.slipway.engine.TableInfo;
import dev.slipway.v1.CreateTableRequest;
import dev.slipway.v1.CreateTableResponse;
import dev.slipway.v1.DropTableRequest;
import dev.slipway.v1.DropTableResponse;
import dev.slipway.v1.GetTableRequest;
import dev.slipway.v1.GetTableResponse;
import dev.slipway.v1.ListTablesRequest;
import dev.slipway.v1.ListTablesResponse;
import dev.slipway.v1.RenameTableRequest;
import dev.slipway.v1.RenameTableResponse;
import dev.slipway.v1.TableServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;

/** Tables of a database. */
final class TableEndpoint extends TableServiceGrpc.TableServiceImplBase {
  private final Databases databases;
  private final Calls calls;
  private final Reading reading;

  TableEndpoint(Databases databases, Calls calls) {
    this.databases = databases;
    this.calls = calls;
    this.reading = new Reading(databases, calls);
  }

  private Database database(CallContext context, String name) {
    return databases.database(context, Arguments.required("database", name));
  }

  @Override
  public void createTable(
      CreateTableRequest request, StreamObserver<CreateTableResponse> observer) {
    calls.unary(
        observer,
        request.getRequestId(),
        context -> {
          String branch = Arguments.branch(request.getBranch());
          Arguments.required("table", request.getTable());
          Optional<RequestKey> key =
              RequestDigest.key(
                  request.getRequestId(),
                  TableServiceGrpc.getCreateTableMethod().getFullMethodName(),
                  request.toBuilder().clearRequestId().setBranch(branch).build());
          TableCommit created =
              database(context, request.getDatabase())
                  .createTable(
                      context,
                      branch,
                      request.getTable(),
                      SchemaMessages.read(request.getSchema(), "schema"),
                      key);
          return CreateTableResponse.newBuilder()
              .setTable(TableMessages.table(created.table()))
              .setCommit(CommitMessages.commit(created.commit()))
              .build();
        });
  }

  @Override
  public void getTable(GetTableRequest request, StreamObserver<GetTableResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          ReadAt at = Arguments.readAt(request.getAt());
          Arguments.required("table", request.getTable());
          AtRevision<TableInfo> found =
              reading.read(
                  context,
                  request.getDatabase(),
                  at,
                  database -> database.table(context, request.getTable(), at));
          return GetTableResponse.newBuilder()
              .setTable(TableMessages.table(found.value()))
              .setRevision(found.revision())
              .build();
        });
  }

  @Override
  public void listTables(ListTablesRequest request, StreamObserver<ListTablesResponse> observer) {
    calls.unary(
        observer,
        "",
        context -> {
          int size = Arguments.pageSize(request.getPageSize());
          String listing = "tables of " + request.getDatabase() + " at " + request.getAt();
          PageToken page = PageToken.read(listing, request.getPageToken());
          ReadAt given = Arguments.readAt(request.getAt());
          ReadAt at =
              page.equals(PageToken.FIRST)
                  ? given
                  : new ReadAt(
                      given.branch(),
                      new ReadAt.Point.Revision(page.revision()),
                      given.minRevision());
          AtRevision<List<TableInfo>> found =
              reading.read(
                  context,
                  request.getDatabase(),
                  at,
                  database -> database.tables(context, at, page.after(), size + 1));
          List<TableInfo> shown = found.value().subList(0, Math.min(size, found.value().size()));
          ListTablesResponse.Builder answer =
              ListTablesResponse.newBuilder().setRevision(found.revision());
          shown.forEach(table -> answer.addTables(TableMessages.table(table)));
          if (found.value().size() > size) {
            answer.setNextPageToken(
                new PageToken(found.revision(), shown.get(size - 1).name()).write(listing));
          }
          return answer.build();
        });
  }

  @Override
  public void dropTable(DropTableRequest request, StreamObserver<DropTableResponse> observer) {
    calls.unary(
        observer,
        request.getRequestId(),
        context -> {
          String branch = Arguments.branch(request.getBranch());
          Arguments.required("table", request.getTable());
          CommitInfo commit =
              database(context, request.getDatabase())
                  .dropTable(
                      context,
                      branch,
                      request.getTable(),
                      RequestDigest.key(
                          request.getRequestId(),
                          TableServiceGrpc.getDropTableMethod().getFullMethodName(),
                          request.toBuilder().clearRequestId().setBranch(branch).build()));
          return DropTableResponse.newBuilder().setCommit(CommitMessages.commit(commit)).build();
        });
  }

  @Override
  public void renameTable(
      RenameTableRequest request, StreamObserver<RenameTableResponse> observer) {
    calls.unary(
        observer,
        request.getRequestId(),
        context -> {
          String branch = Arguments.branch(request.getBranch());
          Arguments.required("table", request.getTable());
          Arguments.required("new_name", request.getNewName());
          TableCommit renamed =
              database(context, request.getDatabase())
                  .renameTable(
                      context,
                      branch,
                      request.getTable(),
                      request.getNewName(),
                      RequestDigest.key(
                          request.getRequestId(),
                          TableServiceGrpc.getRenameTableMethod().getFullMethodName(),
                          request.toBuilder().clearRequestId().setBranch(branch).build()));
          return RenameTableResponse.newBuilder()
              .setTable(TableMessages.table(renamed.table()))
              .setCommit(CommitMessages.commit(renamed.commit()))
              .build();
        });
  }
}
