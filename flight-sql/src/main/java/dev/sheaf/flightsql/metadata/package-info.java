/**
 * Answers about the server and its schema, in Flight SQL's canonical shapes: {@link
 * dev.sheaf.flightsql.metadata.SchemaAnswers} (catalogs, schemas, tables, keys), {@link
 * dev.sheaf.flightsql.metadata.TypeInfoAnswer}, {@link dev.sheaf.flightsql.metadata.ServerFacts}
 * (SqlInfo, with {@code Vocabulary} for its lists of words). Sessions of the engine come in, filled
 * Arrow roots go out.
 */
@NullMarked
package dev.sheaf.flightsql.metadata;

import org.jspecify.annotations.NullMarked;
