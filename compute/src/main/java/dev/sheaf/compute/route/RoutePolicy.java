package dev.sheaf.compute.route;

/**
 * How patiently to look for a shard's owner.
 *
 * @param attemptMillis a short call is given up and repeated after so long, and after twice as long
 *     the next time, and so on
 * @param firstPauseMillis before the same node is asked again; doubles each time
 * @param lastPauseMillis its most
 * @param tiredPauseMillis instead, once the node has had more repetitions than it can bear
 * @param maxNodes connections kept at a time
 */
public record RoutePolicy(
    long attemptMillis,
    long firstPauseMillis,
    long lastPauseMillis,
    long tiredPauseMillis,
    int maxNodes) {
  public static final RoutePolicy DEFAULT = new RoutePolicy(2_000, 10, 200, 1_000, 256);
}
