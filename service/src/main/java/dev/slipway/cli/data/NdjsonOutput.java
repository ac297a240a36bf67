package dev.slipway.cli.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;

/** One JSON object a line; null is left out. */
final class NdjsonOutput implements RowOutput {
  private static final JsonFactory JSON = JsonFactory.builder().build();

  private final JsonGenerator json;

  NdjsonOutput(OutputStream out) throws IOException {
    this.json = JSON.createGenerator(out);
    json.setRootValueSeparator(null);
  }

  @Override
  public void write(ArrowReader batches) throws IOException {
    VectorSchemaRoot root = batches.getVectorSchemaRoot();
    for (int row = 0; row < root.getRowCount(); row++) {
      json.writeStartObject();
      for (FieldVector vector : root.getFieldVectors()) {
        if (!vector.isNull(row)) {
          json.writeFieldName(vector.getName());
          JsonValues.write(json, vector, row);
        }
      }
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  @Override
  public void close() throws IOException {
    json.close();
  }
}
