package dev.sheaf.flightsql.session;

/** Decides who a client is. Thread-safe. */
public interface Authenticator {

  /**
   * Checks a user name and password.
   *
   * @return the user's name
   * @throws dev.sheaf.protocol.error.SheafException 28P01 if they do not belong together
   */
  String login(String user, String password);

  /**
   * The user that a call without any credentials acts as.
   *
   * @throws dev.sheaf.protocol.error.SheafException 28000 if credentials are required
   */
  String anonymous();

  /** Does it let anybody in? Then the server listens on loopback addresses only. */
  boolean trustsEverybody();
}
