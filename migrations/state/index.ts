import type { Migration } from '../../server/db/migration.ts';
import { migration as createKernelTables } from './202601010000-create-kernel-tables.ts';

/** Every migration of the state database, listed by name so that bundles carry them. */
export const stateMigrations: readonly Migration[] = [createKernelTables];
