/**
 * Schemas and tables. In: a snapshot. Out: the {@link dev.sheaf.compute.catalog.Catalog} in force
 * at it.
 *
 * <p>The catalog lies in the root shard as ordinary rows of a few system tables ({@link
 * dev.sheaf.compute.catalog.CatalogTables}, {@code DescriptorCodec}). {@link
 * dev.sheaf.compute.catalog.CatalogReader} reads and caches it; {@link
 * dev.sheaf.compute.catalog.CatalogEditor} turns DDL into writes of such rows, so that DDL is as
 * transactional as DML; {@link dev.sheaf.compute.catalog.SequenceAllocator} hands out ids; {@link
 * dev.sheaf.compute.catalog.InformationSchema} shows the catalog as SQL tables.
 */
@NullMarked
package dev.sheaf.compute.catalog;

import org.jspecify.annotations.NullMarked;
