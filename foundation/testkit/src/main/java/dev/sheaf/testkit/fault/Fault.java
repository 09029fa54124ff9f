package dev.sheaf.testkit.fault;

import java.time.Duration;
import java.util.Map;

/** What happens to one HTTP exchange on its way through an {@link HttpFaultProxy}. */
public sealed interface Fault {

  /** Nothing. */
  record None() implements Fault {}

  /** A pause before the request is passed on, then something else. */
  record Delay(Duration time, Fault then) implements Fault {}

  /** The request is not carried out; the proxy answers by itself. */
  record Answer(int status, Map<String, String> headers, String body) implements Fault {
    public Answer(int status) {
      this(status, Map.of(), "");
    }

    /** An error as S3 writes it. */
    public static Answer s3(int status, String code) {
      return new Answer(
          status,
          Map.of("Content-Type", "application/xml"),
          "<?xml version=\"1.0\"?><Error><Code>"
              + code
              + "</Code><Message>injected</Message></Error>");
    }
  }

  /** The request is not carried out; the connection is closed. */
  record DropRequest() implements Fault {}

  /** The request is carried out; the connection is closed before a byte of the answer. */
  record DropAnswer() implements Fault {}

  /** The request is carried out; the client gets another answer than the server's. */
  record ReplaceAnswer(Answer answer) implements Fault {}

  /**
   * The request is carried out; the connection is closed after so many bytes of the answer's body.
   */
  record CutAnswer(int bodyBytes) implements Fault {}

  /**
   * The same, and the headers do not tell: there is no Content-Length, the end of the connection is
   * the end of the body.
   */
  record CutSilently(int bodyBytes) implements Fault {}

  /** The request is carried out; one bit of the answer's body is another. */
  record FlipBit(int bodyByte) implements Fault {}
}
