package dev.sheaf.cli.shell;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;

/** Stops after each screenful and waits for a key: space goes on, q leaves ({@link Left}). */
final class Pager extends Writer {
  private final Terminal terminal;
  private final int pageLines;
  private int lines;

  Pager(Terminal terminal) {
    this.terminal = terminal;
    this.pageLines = Math.max(5, terminal.getHeight() - 1);
  }

  /** The user has seen enough. */
  static final class Left extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void write(char[] text, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      terminal.writer().write(text[i]);
      if (text[i] == '\n' && ++lines % pageLines == 0 && terminal.getHeight() > 0) {
        pause();
      }
    }
  }

  private void pause() {
    terminal.writer().print("-- more: space, q --");
    terminal.flush();
    Attributes before = terminal.enterRawMode();
    try {
      int key = terminal.reader().read();
      terminal.writer().print("\r                    \r");
      if (key == 'q' || key == 'Q' || key < 0) {
        throw new Left();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      terminal.setAttributes(before);
    }
  }

  @Override
  public void flush() {
    terminal.flush();
  }

  @Override
  public void close() {
    terminal.flush();
  }
}
