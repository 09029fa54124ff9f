package dev.sheaf.compute.sql;

/**
 * A token.
 *
 * @param text WORD: folded; QUOTED, STRING: the value without quotes; else as written
 * @param start offset of its first character in the text
 * @param end offset after its last
 */
record Token(Kind kind, String text, int start, int end, Position position) {
  enum Kind {
    /** Keyword or unquoted identifier. */
    WORD,
    QUOTED,
    STRING,
    NUMBER,
    /** {@code ?} (empty text) or {@code $n} (the digits). */
    PARAMETER,
    SYMBOL,
    END
  }

  boolean isWord(String word) {
    return kind == Kind.WORD && text.equals(word);
  }

  boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }
}
