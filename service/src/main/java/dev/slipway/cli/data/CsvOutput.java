package dev.slipway.cli.data;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;

/** CSV with a header line; null is an empty field, a nested value its JSON. */
final class CsvOutput implements RowOutput {
  private final CsvWriter writer;

  CsvOutput(OutputStream out, ArrowReader batches) throws IOException {
    this.writer =
        CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(out, StandardCharsets.UTF_8);
    writer.writeRecord(
        batches.getVectorSchemaRoot().getSchema().getFields().stream()
            .map(field -> field.getName())
            .toList());
  }

  @Override
  public void write(ArrowReader batches) throws IOException {
    VectorSchemaRoot root = batches.getVectorSchemaRoot();
    List<String> fields = new ArrayList<>(root.getFieldVectors().size());
    for (int row = 0; row < root.getRowCount(); row++) {
      fields.clear();
      for (FieldVector vector : root.getFieldVectors()) {
        fields.add(vector.isNull(row) ? "" : JsonValues.text(vector, row));
      }
      writer.writeRecord(fields);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
