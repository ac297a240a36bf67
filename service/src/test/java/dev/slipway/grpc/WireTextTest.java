package dev.slipway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import dev.slipway.engine.ErrorReason;
import dev.slipway.v1.CommitRequest;
import dev.slipway.v1.WriteHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Page tokens, digests and shortened text. */
final class WireTextTest {
  @Test
  void pageToken_readBack_isTheSame() {
    PageToken token = new PageToken(Long.MAX_VALUE, "z\u00fcrich");

    assertThat(PageToken.read("tables", token.write("tables"))).isEqualTo(token);
    assertThat(PageToken.read("tables", "")).isEqualTo(PageToken.FIRST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "////", "AAAA", "not a token", "\u00fc"})
  void pageToken_ofAnythingElse_isRefused(String text) {
    Failures.assertIs(
        ErrorReason.ARGUMENT_INVALID,
        "next_page_token",
        failure(() -> PageToken.read("tables", text)));
  }

  @Test
  void pageToken_ofAnotherListing_isRefused() {
    String token = new PageToken(5, "a").write("tables of crm");

    Failures.assertIs(
        ErrorReason.ARGUMENT_INVALID,
        "next_page_token",
        failure(() -> PageToken.read("tables of shop", token)));
  }

  @Test
  void pageToken_withABitFlipped_isRefusedOrTheSame() {
    String token = new PageToken(5, "abc").write("tables");
    Random random = new Random(1);
    for (int i = 0; i < 500; i++) {
      char[] chars = token.toCharArray();
      int at = random.nextInt(chars.length);
      chars[at] = (char) ('A' + random.nextInt(26));
      String changed = new String(chars);
      try {
        assertThat(PageToken.read("tables", changed)).isEqualTo(new PageToken(5, "abc"));
      } catch (dev.slipway.engine.SlipwayException e) {
        assertThat(e.reason()).isEqualTo(ErrorReason.ARGUMENT_INVALID);
      }
    }
  }

  private static io.grpc.StatusRuntimeException failure(Runnable call) {
    RuntimeException failure =
        org.assertj.core.api.Assertions.catchThrowableOfType(RuntimeException.class, call::run);
    return new ErrorMapper().map(failure, "call", "");
  }

  @Test
  void digest_ofDataInAnyPieces_isTheSame() {
    WriteHeader header = WriteHeader.newBuilder().setTable("t").build();
    byte[] data = new byte[10_000];
    new Random(1).nextBytes(data);
    RequestDigest whole = new RequestDigest("m", header);
    whole.add(ByteString.copyFrom(data));
    RequestDigest cut = new RequestDigest("m", header);
    for (int i = 0; i < data.length; i += 1_234) {
      cut.add(ByteString.copyFrom(data, i, Math.min(1_234, data.length - i)));
    }

    assertThat(cut.hex()).isEqualTo(whole.hex()).matches("[0-9a-f]{64}");
    assertThat(cut.hex()).isEqualTo(whole.hex());
  }

  @Test
  void digest_ofRowsInAnyMessagesAndFieldOrder_isTheSame() {
    RequestDigest one = rows(List.of("{a: 1, b: ['x', null, {c: true}]}", "{a: 2}"));
    RequestDigest other = rows(List.of("{b: ['x', null, {c: true}], a: 1.0}"), List.of("{a: 2}"));

    assertThat(other.hex()).isEqualTo(one.hex());
  }

  @Test
  void digest_ofOtherContent_isAnother() {
    List<String> digests = new ArrayList<>();
    digests.add(rows(List.of("{a: 1}")).hex());
    digests.add(rows(List.of("{a: 2}")).hex());
    digests.add(rows(List.of("{a: '1'}")).hex());
    digests.add(rows(List.of("{a: [1]}")).hex());
    digests.add(rows(List.of("{a: null}")).hex());
    digests.add(rows(List.of("{}")).hex());
    digests.add(rows(List.of()).hex());
    digests.add(rows(List.of("{a: 1}", "{a: 1}")).hex());
    digests.add(rows(List.of("{a: '\\\\'}")).hex());
    digests.add(new RequestDigest("m", WriteHeader.newBuilder().setTable("u").build()).hex());
    digests.add(new RequestDigest("n", WriteHeader.getDefaultInstance()).hex());

    assertThat(digests).doesNotHaveDuplicates();
  }

  @Test
  void digest_ofMaps_doesNotDependOnTheirOrder() {
    CommitRequest one =
        CommitRequest.newBuilder().putProperties("a", "1").putProperties("b", "2").build();
    CommitRequest other =
        CommitRequest.newBuilder().putProperties("b", "2").putProperties("a", "1").build();

    assertThat(new RequestDigest("m", other).hex()).isEqualTo(new RequestDigest("m", one).hex());
  }

  @SafeVarargs
  private static RequestDigest rows(List<String>... messages) {
    RequestDigest digest = new RequestDigest("m", WriteHeader.getDefaultInstance());
    for (List<String> message : messages) {
      List<Struct> rows = new ArrayList<>();
      message.forEach(text -> rows.add(GrpcFixture.json(text, Struct.newBuilder())));
      digest.add(rows);
    }
    return digest;
  }

  @Test
  void shortened_ofTextThatFits_isTheSame() {
    assertThat(Shortened.message("a".repeat(1_000), 1_000)).hasSize(1_000).endsWith("a");
    assertThat(Shortened.value("a".repeat(127), 127)).hasSize(127).endsWith("a");
  }

  @Test
  void shortened_ofLongerText_neverSplitsACharacter() {
    String ships = "\ud83d\udea2".repeat(1_000);

    for (int limit = 100; limit < 140; limit++) {
      assertThat(Shortened.value(ships, limit).codePoints())
          .allMatch(point -> point == 0x1F6A2 || point == '.');
      assertThat(Shortened.message(ships, limit).codePoints())
          .allMatch(point -> point == 0x1F6A2 || point == '.');
    }
  }
}
