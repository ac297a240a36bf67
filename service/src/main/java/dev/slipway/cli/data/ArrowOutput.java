package dev.slipway.cli.data;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** An Arrow IPC stream. */
final class ArrowOutput implements RowOutput {
  private final ArrowStreamWriter writer;

  ArrowOutput(OutputStream out, ArrowReader batches) throws IOException {
    this.writer = new ArrowStreamWriter(batches.getVectorSchemaRoot(), batches, out);
    writer.start();
  }

  @Override
  public void write(ArrowReader batches) throws IOException {
    writer.writeBatch();
  }

  @Override
  public void close() throws IOException {
    writer.end();
    writer.close();
  }
}
