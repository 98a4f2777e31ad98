import type { SqlClass } from './sql-class.ts';

/** Older method names of each class of database action; a rule written with one still meets a call made with the other. */
const methodsOfClass: Readonly<Record<SqlClass, readonly string[]>> = {
  read: ['query', 'SELECT', 'EXPLAIN', 'SHOW', 'DESCRIBE', 'FETCH', 'READ'],
  write: ['UPDATE', 'INSERT', 'DELETE', 'MERGE', 'UPSERT', 'REPLACE'],
  admin: ['DROP', 'CREATE', 'TRUNCATE', 'ALTER', 'GRANT', 'REVOKE', 'RENAME'],
  exec: ['execute', 'EXECUTE', 'EXEC', 'CALL', 'do'],
};

const classesOfMethod = new Map<string, readonly SqlClass[]>([['delete', ['admin', 'write']]]);
for (const [sqlClass, methods] of Object.entries(methodsOfClass)) {
  for (const method of methods) classesOfMethod.set(method, [sqlClass as SqlClass]);
}

/** `admin` and `exec` are equally grave: between them the arguments decide. */
const gravity: Readonly<Record<SqlClass, number>> = { read: 0, write: 1, admin: 2, exec: 2 };

/** Every method name of the database family that rules may name, classes first. */
export const databaseMethods: readonly string[] = [
  ...Object.keys(methodsOfClass),
  ...Object.values(methodsOfClass).flat(),
  'delete',
];

/**
 * Adds to each `database:<method>` the class it belongs to, and to each `database:<class>` the older names of that class.
 * One step only: `database:SELECT` brings `database:read`, not its sibling `database:query`.
 */
export function withDatabaseAliases(actions: readonly string[]): string[] {
  const all = new Set(actions.filter((action) => action !== ''));
  for (const action of [...all]) {
    const method = databaseMethod(action);
    if (method === undefined) continue;
    for (const sqlClass of classesOfMethod.get(method) ?? []) all.add(`database:${sqlClass}`);
    if (isSqlClass(method)) for (const name of methodsOfClass[method]) all.add(`database:${name}`);
  }
  return [...all];
}

/**
 * Settles a call whose method says one class and whose SQL says another: the graver class alone governs, and a tie goes
 * to the SQL, which is what will run.
 * @returns the governing action, or undefined when there is nothing to settle
 */
export function governingDatabaseAction(methodAction: string, argumentAction: string): string | undefined {
  const fromMethod = classesOf(methodAction);
  const fromArguments = classesOf(argumentAction);
  const argument = fromArguments[0];
  if (fromMethod.length === 0 || fromArguments.length !== 1 || argument === undefined) return undefined;
  if (fromMethod.length === 1 && fromMethod[0] === argument) return undefined;
  const gravest = fromMethod.reduce((left, right) => (gravity[right] > gravity[left] ? right : left));
  return `database:${gravity[argument] >= gravity[gravest] ? argument : gravest}`;
}

function classesOf(action: string): readonly SqlClass[] {
  const method = databaseMethod(action);
  if (method === undefined) return [];
  return isSqlClass(method) ? [method] : (classesOfMethod.get(method) ?? []);
}

function databaseMethod(action: string): string | undefined {
  return action.startsWith('database:') ? action.slice('database:'.length) : undefined;
}

function isSqlClass(method: string): method is SqlClass {
  return Object.hasOwn(methodsOfClass, method);
}
