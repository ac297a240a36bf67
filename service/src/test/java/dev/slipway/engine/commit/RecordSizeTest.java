package dev.slipway.engine.commit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.Conflict;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What one commit can add to a record that it shares with others. */
class RecordSizeTest {
  @Test
  void jsonSize_ofAnyText_isNoLessThanItTakes() throws Exception {
    Random random = new Random(1);
    ObjectMapper json = new ObjectMapper();
    String alphabet = "a\"\\/\n\t\u0001\u001f\u007f\u0080é\u07ff\u0800€\ud83d\ude00\u2028";
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        text.appendCodePoint(
            alphabet.codePointAt(
                alphabet.offsetByCodePoints(
                    0, random.nextInt(alphabet.codePointCount(0, alphabet.length())))));
      }
      assertThat(JsonSize.of(text.toString()))
          .as("room for %s", text)
          .isGreaterThan(json.writeValueAsBytes(text.toString()).length);
    }
    assertThat(JsonSize.of("\u0001".repeat(1_000))).isGreaterThanOrEqualTo(6_000);
  }

  @Test
  void abbreviation_ofAnythingLong_saysItsBeginning() {
    String longText = "x".repeat(1_000_000);
    Conflict conflict = new Conflict(longText, Conflict.Kind.EXPECTATION, longText, longText, 7);

    assertThat(Abbreviation.of(longText)).hasSize(1_000).startsWith("xxx").endsWith("…");
    assertThat(Abbreviation.of("short")).isEqualTo("short");
    List<Conflict> kept = Abbreviation.of(Collections.nCopies(5_000, conflict));
    assertThat(kept).hasSize(10);
    assertThat(kept.get(0).expected()).hasSize(200);
    assertThat(kept.get(0).winner()).isEqualTo(7);
  }
}
