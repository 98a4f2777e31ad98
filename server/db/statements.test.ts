import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { statementCache } from './statements.ts';

let connection: BetterSqlite3.Database;

beforeEach(() => {
  connection = new BetterSqlite3(':memory:');
  connection.exec('CREATE TABLE numbers (n INTEGER); INSERT INTO numbers VALUES (1), (2), (3)');
});
afterEach(() => {
  connection.close();
});

test('the same text gives the same statement', () => {
  const { prepare } = statementCache(connection);
  expect(prepare('SELECT 1')).toBe(prepare('SELECT 1'));
  expect(prepare('SELECT 1')).not.toBe(prepare('SELECT 2'));
});

test('a statement that is being iterated is not handed out, and is again when it is through', () => {
  const { prepare } = statementCache(connection);
  const text = 'SELECT n FROM numbers ORDER BY n';
  const iterated = prepare(text);
  const rows = iterated.iterate();
  expect(rows.next().value).toEqual({ n: 1 });
  expect(prepare(text).all()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(rows.next().value).toEqual({ n: 2 });
  rows.return?.();
  expect(prepare(text)).toBe(iterated);
});

test('the least recently used statement leaves first', () => {
  const { prepare } = statementCache(connection, 2);
  const first = prepare('SELECT 1');
  const second = prepare('SELECT 2');
  prepare('SELECT 1');
  prepare('SELECT 3');
  expect(prepare('SELECT 1')).toBe(first);
  expect(prepare('SELECT 2')).not.toBe(second);
});

test('a cached statement keeps working when the table gets another column', () => {
  const { prepare } = statementCache(connection);
  expect(prepare('SELECT * FROM numbers WHERE n = 1').all()).toEqual([{ n: 1 }]);
  connection.exec('ALTER TABLE numbers ADD COLUMN word TEXT');
  expect(prepare('SELECT * FROM numbers WHERE n = 1').all()).toEqual([{ n: 1, word: null }]);
});
