package dev.sheaf.system.sim;

/** How many seeds each seeded bug survives: {@code BugHunt <seeds> [<bug>...]}. */
final class BugHunt {
  private BugHunt() {}

  public static void main(String[] arguments) {
    int seeds = Integer.parseInt(arguments[0]);
    for (SeededBug bug : SeededBug.values()) {
      if (arguments.length > 1 && !java.util.List.of(arguments).contains(bug.name())) {
        continue;
      }
      long began = System.nanoTime();
      var cluster = new WovenCluster(bug.part(), bug.redirects());
      long found = 0;
      String how = "not found";
      for (long seed = 1; seed <= seeds && found == 0; seed++) {
        try {
          cluster.run(seed);
        } catch (AssertionError e) {
          found = seed;
          how = e.getMessage().lines().findFirst().orElse("");
        }
      }
      System.out.printf(
          "%-36s %4d  %5.1f s  %s%n",
          bug,
          found,
          (System.nanoTime() - began) / 1e9,
          how.substring(0, Math.min(220, how.length())));
    }
  }
}
