import type { MigrationDatabase, SchemaDialect } from './dialects/schema.ts';

/** One step of a database's schema; append-only and forward-only, in a file named like its id. */
export interface Migration {
  /** `<stamp>-<verb>-<what>`; the stamp is UTC, `YYYYMMDDHHMM`, and migrations run in the order of their ids. */
  readonly id: string;
  /** Why the step is needed, kept in the database. */
  readonly why: string;
  /** Makes the change; runs inside a transaction with foreign keys off and checked before the commit. */
  up(database: MigrationDatabase, dialect: SchemaDialect): Promise<void>;
}

export type { MigrationDatabase, SchemaDialect } from './dialects/schema.ts';
