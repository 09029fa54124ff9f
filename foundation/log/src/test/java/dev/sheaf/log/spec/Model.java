package dev.sheaf.log.spec;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One question to TLC: a module under bounds.
 *
 * @param name of the model, unique
 * @param module that defines the specification
 * @param specification the formula to check, which also says where to begin
 * @param constants TLA+ text of each constant's value; a value that begins with {@code <-} names a
 *     definition instead
 * @param symmetry definition of what is alike; empty for none
 * @param invariants checked in every state
 */
record Model(
    String name,
    String module,
    String specification,
    Map<String, String> constants,
    String symmetry,
    List<String> invariants) {

  /** With other values for some constants, given as name, value, name, value, ... */
  Model with(String newName, String... values) {
    Map<String, String> changed = new TreeMap<>(constants);
    for (int i = 0; i < values.length; i += 2) {
      changed.put(values[i], values[i + 1]);
    }
    return new Model(newName, module, specification, changed, symmetry, invariants);
  }

  Model from(String otherSpecification) {
    return new Model(name, module, otherSpecification, constants, symmetry, invariants);
  }

  Model alike(String otherSymmetry) {
    return new Model(name, module, specification, constants, otherSymmetry, invariants);
  }

  Model checking(String... otherInvariants) {
    return new Model(name, module, specification, constants, symmetry, List.of(otherInvariants));
  }

  /** The same model with one of the mistakes that the module knows. */
  Model mistaken(String mistake) {
    return with(name + " with " + mistake, "Mistake", '"' + mistake + '"');
  }

  /** What TLC reads beside the module. */
  String configuration() {
    String values =
        constants.entrySet().stream()
            .map(each -> each.getKey() + (isName(each.getValue()) ? " " : " = ") + each.getValue())
            .collect(Collectors.joining("\n  "));
    return """
    SPECIFICATION %s
    CONSTANTS
      %s
    %s
    CHECK_DEADLOCK FALSE
    INVARIANTS
      %s
    """
        .formatted(
            specification,
            values,
            symmetry.isEmpty() ? "" : "SYMMETRY " + symmetry,
            String.join("\n  ", invariants));
  }

  private static boolean isName(String value) {
    return value.startsWith("<-");
  }
}
