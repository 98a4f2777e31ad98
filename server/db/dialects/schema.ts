import {
  type ColumnBuilderCallback,
  type ColumnDataType,
  type CreateTableBuilder,
  type Expression,
  type Kysely,
  sql,
} from 'kysely';
import type { DialectName } from '../database.ts';

/** A database whose tables are not known to the type checker, as migrations see it. */
export type MigrationDatabase = Kysely<Record<string, Record<string, unknown>>>;

type ColumnType = ColumnDataType | Expression<unknown>;

/**
 * The column types of a migration, and how a table starts and ends, so that one text serves both engines.
 *
 *     await dialect.createTable(database, 'users')
 *       .addColumn('id', dialect.id, (column) => column.primaryKey())
 *       .addColumn('email', dialect.text, (column) => column.notNull())
 *       .addColumn('verified', dialect.bool, (column) => column.notNull().defaultTo(0))
 *       .execute();
 */
export interface SchemaDialect {
  readonly name: DialectName;
  /** An id as text, compared byte by byte. */
  readonly id: ColumnType;
  /** Text, compared and sorted byte by byte on both engines (`COLLATE "C"`). */
  readonly text: ColumnType;
  /** Milliseconds since the Unix epoch, read as a number. */
  readonly time: ColumnType;
  /** A whole number within ±2^53, read as a number. */
  readonly integer: ColumnType;
  /** A floating point number. */
  readonly real: ColumnType;
  /** 0 or 1. */
  readonly bool: ColumnType;
  /** JSON as text; never queried into. */
  readonly json: ColumnType;
  /** Bytes, read as a Buffer. */
  readonly bytes: ColumnType;
  /** Starts a table; on SQLite a STRICT one, whose columns refuse values of another type. */
  createTable(database: MigrationDatabase, name: string): CreateTableBuilder<string, never>;
  /** A primary key that the database numbers upwards and never gives out twice: `.addColumn('seq', ...dialect.serial)`. */
  readonly serial: readonly [ColumnType, ColumnBuilderCallback];
}

const sqliteSchema: SchemaDialect = {
  name: 'sqlite',
  id: 'text',
  text: 'text',
  time: 'integer',
  integer: 'integer',
  real: 'real',
  bool: 'integer',
  json: 'text',
  bytes: 'blob',
  createTable: (database, name) => database.schema.createTable(name).modifyEnd(sql`strict`),
  serial: ['integer', (column) => column.primaryKey().autoIncrement()],
};

const postgresText = sql`text collate "C"`;

const postgresSchema: SchemaDialect = {
  name: 'postgres',
  id: postgresText,
  text: postgresText,
  time: 'bigint',
  integer: 'bigint',
  real: 'double precision',
  bool: 'smallint',
  json: 'text',
  bytes: 'bytea',
  createTable: (database, name) => database.schema.createTable(name),
  serial: ['bigint', (column) => column.generatedByDefaultAsIdentity().primaryKey()],
};

/** Returns the schema words of an engine. */
export function schemaDialect(name: DialectName): SchemaDialect {
  return name === 'sqlite' ? sqliteSchema : postgresSchema;
}
