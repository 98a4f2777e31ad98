import { whitespaceClass } from './python-text.ts';

/** What a statement does to a database. */
export type SqlClass = 'read' | 'write' | 'admin' | 'exec';

const keywordsOfClass: ReadonlyArray<readonly [SqlClass, string]> = [
  [
    'admin',
    'CREATE ALTER DROP TRUNCATE GRANT REVOKE RENAME ATTACH DETACH REINDEX VACUUM ANALYZE OPTIMIZE CLUSTER LOCK',
  ],
  ['write', 'INSERT UPDATE DELETE MERGE UPSERT REPLACE COPY LOAD'],
  ['exec', 'CALL EXECUTE DO BEGIN COMMIT ROLLBACK START SAVEPOINT'],
  ['read', 'SELECT WITH SHOW EXPLAIN DESCRIBE DESC USE VALUES'],
];

/** The order of the list above is the order of danger, most dangerous first. */
const classRank = new Map<string, number>();
keywordsOfClass.forEach(([, keywords], rank) => {
  for (const keyword of keywords.split(' ')) classRank.set(keyword, rank);
});

const keywordRank = new Map<string, number>(
  (
    'DROP TRUNCATE GRANT REVOKE ALTER DELETE UPDATE INSERT CREATE MERGE COPY LOAD EXECUTE CALL DO VACUUM REINDEX ' +
    'CLUSTER LOCK SELECT WITH SHOW EXPLAIN DESCRIBE DESC VALUES'
  )
    .split(' ')
    .map((keyword, rank) => [keyword, rank]),
);

/**
 * The class of the most dangerous statement in a text of SQL, judged by the first word of each statement:
 * admin, then write, exec, read. Comments and quoted text do not count.
 * @returns undefined when no statement starts with a known word
 */
export function sqlClass(sql: string): SqlClass | undefined {
  const rank = lowest(firstWords(sql).map((word) => classRank.get(word)));
  return rank === undefined ? undefined : keywordsOfClass[rank]?.[0];
}

/** The most dangerous leading keyword of a text of SQL in capitals, or undefined. */
export function sqlKeyword(sql: string): string | undefined {
  const known = firstWords(sql).filter((word) => keywordRank.has(word));
  const rank = lowest(known.map((word) => keywordRank.get(word)));
  return known.find((word) => keywordRank.get(word) === rank);
}

const commentOrQuoted = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)/g;
const firstWord = new RegExp(`^[${whitespaceClass}]*([A-Za-z]+)`);

function firstWords(sql: string): string[] {
  return sql
    .replace(commentOrQuoted, ' ')
    .split(';')
    .flatMap((statement) => firstWord.exec(statement)?.[1]?.toUpperCase() ?? []);
}

function lowest(ranks: ReadonlyArray<number | undefined>): number | undefined {
  return ranks.reduce<number | undefined>(
    (best, rank) => (rank !== undefined && (best === undefined || rank < best) ? rank : best),
    undefined,
  );
}
