package dev.sheaf.compute.plan;

import dev.sheaf.protocol.catalog.TableDescriptor;
import dev.sheaf.protocol.type.Field;
import java.util.List;

/**
 * A statement ready to run, any number of times, as long as the catalog version that it was planned
 * against is current. Immutable.
 *
 * @param result columns of the answer; empty for INSERT, UPDATE and DELETE without RETURNING
 * @param parameters inferred types, in order; text where nothing tells
 * @param tables the user tables that it reads or writes, with their versions
 */
public record PlannedStatement(
    PlanNode plan, List<Field> result, List<Field> parameters, List<TableDescriptor> tables) {}
