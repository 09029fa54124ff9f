package dev.sheaf.testkit.fault;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request or an answer of HTTP/1.1: its first line, its header lines, and the body as it is on
 * the wire (chunks are left as they are). Immutable.
 */
public final class HttpMessage {
  private static final int MAX_LINE_BYTES = 64 << 10;
  private static final int MAX_BODY_BYTES = 256 << 20;

  private final String firstLine;
  private final List<String> headerLines;
  private final byte[] body;

  HttpMessage(String firstLine, List<String> headerLines, byte[] body) {
    this.firstLine = firstLine;
    this.headerLines = List.copyOf(headerLines);
    this.body = body;
  }

  /** {@code PUT /bucket/key HTTP/1.1} or {@code HTTP/1.1 200 OK}. */
  public String firstLine() {
    return firstLine;
  }

  /** Of a request: GET, PUT and so on. */
  public String method() {
    return firstLine.substring(0, firstLine.indexOf(' '));
  }

  /** Of a request: path and query. */
  public String target() {
    return firstLine.split(" ", -1)[1];
  }

  public Optional<String> header(String name) {
    String start = name.toLowerCase(Locale.ROOT) + ":";
    return headerLines.stream()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .findFirst();
  }

  byte[] body() {
    return body;
  }

  HttpMessage withBody(byte[] other) {
    return new HttpMessage(firstLine, headerLines, other);
  }

  HttpMessage without(String header) {
    String start = header.toLowerCase(Locale.ROOT) + ":";
    return new HttpMessage(
        firstLine,
        headerLines.stream()
            .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith(start))
            .toList(),
        body);
  }

  HttpMessage with(String headerLine) {
    var lines = new ArrayList<>(headerLines);
    lines.add(headerLine);
    return new HttpMessage(firstLine, lines, body);
  }

  byte[] head() {
    return (firstLine
            + "\r\n"
            + String.join("", headerLines.stream().map(l -> l + "\r\n").toList()))
        .concat("\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Reads a request; empty if the connection ended before it began. */
  static Optional<HttpMessage> request(BufferedInputStream in) throws IOException {
    Optional<HttpMessage> head = head(in);
    if (head.isEmpty()) {
      return head;
    }
    HttpMessage request = head.get();
    boolean hasBody =
        request.header("content-length").isPresent()
            || request.header("transfer-encoding").isPresent();
    return Optional.of(hasBody ? request.withBody(request.readBody(in)) : request);
  }

  /** Reads the answer to a request. */
  static HttpMessage answer(BufferedInputStream in, String requestMethod) throws IOException {
    HttpMessage answer = head(in).orElseThrow(() -> new EOFException("no answer"));
    String status = answer.target();
    boolean bare = requestMethod.equals("HEAD") || status.equals("204") || status.equals("304");
    return bare ? answer : answer.withBody(answer.readBody(in));
  }

  private byte[] readBody(BufferedInputStream in) throws IOException {
    Optional<String> length = header("content-length");
    if (length.isPresent()) {
      int bytes = Integer.parseInt(length.get());
      byte[] read = in.readNBytes(bytes);
      if (read.length < bytes) {
        throw new EOFException("body ends after " + read.length + " of " + bytes + " bytes");
      }
      return read;
    }
    return header("transfer-encoding").isPresent() ? readChunks(in) : in.readNBytes(MAX_BODY_BYTES);
  }

  private static byte[] readChunks(InputStream in) throws IOException {
    var raw = new ByteArrayOutputStream();
    while (true) {
      String size = line(in);
      raw.writeBytes((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      int bytes = Integer.parseInt(size.split(";", -1)[0].strip(), 16);
      raw.writeBytes(in.readNBytes(bytes));
      String end = line(in);
      raw.writeBytes((end + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      if (bytes == 0) {
        return raw.toByteArray();
      }
    }
  }

  private static Optional<HttpMessage> head(BufferedInputStream in) throws IOException {
    in.mark(1);
    if (in.read() < 0) {
      return Optional.empty();
    }
    in.reset();
    String first = line(in);
    var headers = new ArrayList<String>();
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      headers.add(line);
    }
    return Optional.of(new HttpMessage(first, headers, new byte[0]));
  }

  private static String line(InputStream in) throws IOException {
    var line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || line.size() > MAX_LINE_BYTES) {
        throw new EOFException("a line without an end");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public String toString() {
    return firstLine;
  }
}
