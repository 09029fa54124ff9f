package dev.sheaf.testkit.sim;

/**
 * Leads all calls of one method to a static one, which gets the receiver (if there is one) as its
 * first argument. Overloads are told apart by the number of arguments.
 *
 * @param owner binary name of the class that the call names
 * @param method its method
 * @param target binary name of the class with the static method
 * @param targetMethod the only method of that name there; a receiver or argument of a class that it
 *     cannot see is declared as Object
 */
public record Redirect(String owner, String method, String target, String targetMethod) {}
