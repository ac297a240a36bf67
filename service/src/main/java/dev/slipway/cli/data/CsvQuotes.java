package dev.slipway.cli.data;

import java.io.IOException;
import java.io.Reader;
import java.util.Optional;

/**
 * Follows the quotes of a CSV text as it is read, for a parser takes a field that is still open at
 * the end as closed. Leaves out a byte order mark. Used by one thread.
 */
final class CsvQuotes extends Reader {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private enum State {
    FIELD_START,
    PLAIN,
    QUOTED,
    AFTER_QUOTE
  }

  /**
   * @param field from 1
   */
  record Mistake(long line, int field, String text) {}

  private final Reader text;
  private State state = State.FIELD_START;
  private boolean started;
  private boolean afterReturn;
  private long line = 1;
  private int field = 1;
  private long quoteLine;
  private Optional<Mistake> mistake = Optional.empty();

  CsvQuotes(Reader text) {
    this.text = text;
  }

  /** The first that was read so far. */
  Optional<Mistake> mistake() {
    return mistake;
  }

  @Override
  public int read(char[] target, int offset, int length) throws IOException {
    int read = text.read(target, offset, length);
    if (read > 0 && !started) {
      started = true;
      if (target[offset] == BYTE_ORDER_MARK) {
        System.arraycopy(target, offset + 1, target, offset, read - 1);
        return read == 1 ? read(target, offset, length) : follow(target, offset, read - 1);
      }
    }
    return follow(target, offset, read);
  }

  private int follow(char[] chars, int offset, int read) {
    for (int i = offset; i < offset + read; i++) {
      follow(chars[i]);
    }
    if (read < 0 && state == State.QUOTED) {
      wrong(quoteLine, "expected a quote that closes the one at its start, found the file's end");
    }
    return read;
  }

  private void follow(char c) {
    boolean lineEnd = c == '\n' || c == '\r';
    switch (state) {
      case FIELD_START, PLAIN -> {
        if (lineEnd || c == ',') {
          nextField(lineEnd);
        } else if (state == State.FIELD_START && c == '"') {
          quoteLine = line;
          state = State.QUOTED;
        } else {
          state = State.PLAIN;
        }
      }
      case QUOTED -> state = c == '"' ? State.AFTER_QUOTE : State.QUOTED;
      case AFTER_QUOTE -> {
        if (c == '"') {
          state = State.QUOTED;
        } else {
          if (!lineEnd && c != ',') {
            wrong(
                line,
                "expected a comma or the line's end after a closing quote, found '" + c + "'");
          }
          nextField(lineEnd);
        }
      }
    }
    if (lineEnd && !(c == '\n' && afterReturn)) {
      line++;
    }
    afterReturn = c == '\r';
  }

  private void nextField(boolean inNewLine) {
    state = State.FIELD_START;
    field = inNewLine ? 1 : field + 1;
  }

  private void wrong(long where, String what) {
    if (mistake.isEmpty()) {
      mistake = Optional.of(new Mistake(where, field, what));
    }
  }

  @Override
  public void close() throws IOException {
    text.close();
  }
}
