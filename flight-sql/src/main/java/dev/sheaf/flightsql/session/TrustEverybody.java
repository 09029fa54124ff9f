package dev.sheaf.flightsql.session;

/** No users are configured: any name is accepted with any password. For a developer's machine. */
public final class TrustEverybody implements Authenticator {
  private static final String DEFAULT_USER = "sheaf";

  @Override
  public String login(String user, String password) {
    return user.isEmpty() ? DEFAULT_USER : user;
  }

  @Override
  public String anonymous() {
    return DEFAULT_USER;
  }

  @Override
  public boolean trustsEverybody() {
    return true;
  }
}
