/** Words of the database tool, by class of danger. */
const LEGACY: Record<string, readonly string[]> = {
  read: ['query', 'SELECT', 'EXPLAIN', 'SHOW', 'DESCRIBE', 'FETCH', 'READ'],
  write: ['UPDATE', 'INSERT', 'DELETE', 'MERGE', 'UPSERT', 'REPLACE'],
  admin: ['DROP', 'CREATE', 'TRUNCATE', 'ALTER', 'GRANT', 'REVOKE', 'RENAME'],
  exec: ['execute', 'EXECUTE', 'EXEC', 'CALL', 'do'],
};
const FIRST_WORDS: Record<string, readonly string[]> = {
  admin:
    'CREATE ALTER DROP TRUNCATE GRANT REVOKE RENAME ATTACH DETACH REINDEX VACUUM ANALYZE OPTIMIZE CLUSTER LOCK'.split(
      ' ',
    ),
  write: 'INSERT UPDATE DELETE MERGE UPSERT REPLACE COPY LOAD'.split(' '),
  exec: 'CALL EXECUTE DO BEGIN COMMIT ROLLBACK START SAVEPOINT'.split(' '),
  read: 'SELECT WITH SHOW EXPLAIN DESCRIBE DESC USE VALUES'.split(' '),
};

/** The most dangerous class among the statements of an SQL text, or null. */
export function sqlClass(sql: string): string | null {
  const bare = sql
    .replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' ')
    .replace(/--[^\n]*/g, ' ')
    .replace(/\/\*[\s\S]*?\*\//g, ' ');
  const words = bare.split(';').map((statement) => statement.trim().split(/\s+/)[0]?.toUpperCase() ?? '');
  for (const name of ['admin', 'write', 'exec', 'read']) {
    if (words.some((word) => FIRST_WORDS[name]!.includes(word))) return name;
  }
  return null;
}

/** An action and the other spellings under which rules may name it: one step, for the database tool only. */
export function aliasesOf(action: string): string[] {
  const [tool, method = ''] = action.split(/:(.*)/s);
  if (tool !== 'database') return [action];
  if (method === 'delete') return [action, 'database:write', 'database:admin'];
  const classes = Object.keys(LEGACY).filter((name) => LEGACY[name]!.includes(method));
  return [
    action,
    ...classes.map((name) => `database:${name}`),
    ...(LEGACY[method] ?? []).map((word) => `database:${word}`),
  ];
}
