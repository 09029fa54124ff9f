package dev.sheaf.cli.client;

/** Carries a {@link SqlError}. */
public final class SqlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient SqlError error;

  SqlException(SqlError error, Throwable cause) {
    super(error.message(), cause);
    this.error = error;
  }

  public SqlError error() {
    return error;
  }
}
