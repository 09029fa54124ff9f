/** Classes that break one rule each, for the test of the rules. */
package dev.sheaf.log.breach;
