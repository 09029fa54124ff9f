package dev.sheaf.rpc.cluster;

import dev.sheaf.coordination.Coordination.Change;
import dev.sheaf.protocol.error.ErrorCode;
import dev.sheaf.protocol.error.SheafException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/**
 * A process of the cluster, as it announces itself.
 *
 * <pre>
 * nodes/&lt;name&gt;   on the node's lease
 *   "v=1 roles=pageserver,compute incarnation=1767225600000 state=up load=12 grpc=10.0.0.7:31400 http=10.0.0.7:31338"
 *
 * drain/&lt;name&gt;   until the name registers again, or the leader sees that the node is gone
 *   "1767225600000"                the incarnation that is asked to drain
 * </pre>
 *
 * Fields are separated by one blank; their order is free; a field that is not known is skipped.
 *
 * <table>
 * <caption>Fields</caption>
 * <tr><th>field</th><th>type</th><th>meaning</th></tr>
 * <tr><td>v</td><td>number</td><td>version of the layout; a greater one is refused</td></tr>
 * <tr><td>roles</td><td>names joined by commas</td><td>{@link NodeRole}, at least one</td></tr>
 * <tr><td>incarnation</td><td>number</td><td>other at each registration of the name</td></tr>
 * <tr><td>state</td><td>name</td><td>{@link NodeState}</td></tr>
 * <tr><td>load</td><td>number</td><td>requests a second of late, at least 0</td></tr>
 * <tr><td>grpc, http, flight</td><td>host:port</td><td>absent where the node does not listen</td></tr>
 * </table>
 *
 * @param name unique among the processes that run: lower-case letters, digits, {@code . _ -}
 * @param load requests a second of late
 */
public record NodeInfo(
    String name,
    Set<NodeRole> roles,
    Addresses addresses,
    long incarnation,
    NodeState state,
    long load) {
  static final String PREFIX = "nodes/";
  static final String DRAIN_PREFIX = "drain/";
  private static final int VERSION = 1;
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Pattern ADDRESS = Pattern.compile("[^\\s=]{1,255}:[0-9]{1,5}");

  /** 22023 for a name or an address that cannot be written down. */
  public NodeInfo {
    if (!NAME.matcher(name).matches()) {
      throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "not a node's name: \"" + name + "\"")
          .withHint("Up to 63 lower-case letters, digits, dots, dashes and underscores.");
    }
    if (roles.isEmpty() || load < 0) {
      throw new SheafException(
          ErrorCode.INVALID_PARAMETER_VALUE, "node " + name + " has no role, or a load below 0");
    }
    roles = Set.copyOf(roles);
  }

  /**
   * Where a node listens, as {@code host:port}.
   *
   * @param grpc calls between services
   * @param http REST, health, metrics
   * @param flight SQL clients
   */
  public record Addresses(Optional<String> grpc, Optional<String> http, Optional<String> flight) {
    public static final Addresses NONE =
        new Addresses(Optional.empty(), Optional.empty(), Optional.empty());

    public Addresses {
      for (var address : List.of(grpc, http, flight)) {
        if (address.isPresent() && !ADDRESS.matcher(address.get()).matches()) {
          throw new SheafException(
              ErrorCode.INVALID_PARAMETER_VALUE, "not host:port: \"" + address.get() + "\"");
        }
      }
    }
  }

  /** A node that has not registered yet. */
  public static NodeInfo of(String name, Set<NodeRole> roles, Addresses addresses) {
    return new NodeInfo(name, roles, addresses, 0, NodeState.UP, 0);
  }

  public boolean has(NodeRole role) {
    return roles.contains(role);
  }

  /** A page server, safekeeper or the like that takes on work. */
  public boolean isUp(NodeRole role) {
    return has(role) && state == NodeState.UP;
  }

  NodeInfo incarnated(long newIncarnation) {
    return new NodeInfo(name, roles, addresses, newIncarnation, state, load);
  }

  NodeInfo in(NodeState newState) {
    return new NodeInfo(name, roles, addresses, incarnation, newState, load);
  }

  NodeInfo loaded(long newLoad) {
    return new NodeInfo(name, roles, addresses, incarnation, state, newLoad);
  }

  /** The entry that shows this node, for a compare-and-set. */
  public static String keyOf(String name) {
    return PREFIX + name;
  }

  /** To commit: asks this incarnation of the node to drain. */
  public Change drainRequest() {
    return Change.put(drainKey(name), Long.toString(incarnation));
  }

  static String drainKey(String name) {
    return DRAIN_PREFIX + name;
  }

  String encode() {
    var roleNames = new StringJoiner(",");
    EnumSet.copyOf(roles).forEach(role -> roleNames.add(role.text()));
    var text = new StringJoiner(" ");
    text.add("v=" + VERSION);
    text.add("roles=" + roleNames);
    text.add("incarnation=" + incarnation);
    text.add("state=" + state.text());
    text.add("load=" + load);
    addresses.grpc().ifPresent(address -> text.add("grpc=" + address));
    addresses.http().ifPresent(address -> text.add("http=" + address));
    addresses.flight().ifPresent(address -> text.add("flight=" + address));
    return text.toString();
  }

  /** XX001 when the value is none that this version could have written. */
  static NodeInfo decode(String key, String value) {
    try {
      Map<String, String> fields = fields(value);
      long version = number(fields, "v");
      if (version != VERSION) {
        throw new IllegalArgumentException("written by another version of Sheaf: " + version);
      }
      var roles = EnumSet.noneOf(NodeRole.class);
      for (String role : required(fields, "roles").split(",", -1)) {
        roles.add(NodeRole.of(role));
      }
      return new NodeInfo(
          key.substring(PREFIX.length()),
          roles,
          new Addresses(
              Optional.ofNullable(fields.get("grpc")),
              Optional.ofNullable(fields.get("http")),
              Optional.ofNullable(fields.get("flight"))),
          number(fields, "incarnation"),
          NodeState.of(required(fields, "state")),
          number(fields, "load"));
    } catch (IllegalArgumentException | SheafException e) {
      throw new SheafException(
          ErrorCode.DATA_CORRUPTED, "the entry " + key + " cannot be read: " + value, e);
    }
  }

  private static Map<String, String> fields(String value) {
    var fields = new HashMap<String, String>();
    for (String field : value.split(" ", -1)) {
      int equals = field.indexOf('=');
      if (equals <= 0
          || fields.put(field.substring(0, equals), field.substring(equals + 1)) != null) {
        throw new IllegalArgumentException("not a field, or one twice: " + field);
      }
    }
    return fields;
  }

  private static String required(Map<String, String> fields, String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("lacks " + name);
    }
    return value;
  }

  private static long number(Map<String, String> fields, String name) {
    return Long.parseLong(required(fields, name));
  }
}
