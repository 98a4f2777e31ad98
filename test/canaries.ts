import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { databasePaths } from '../server/db/open.ts';
import type { TestAppliance } from './harness.ts';

/** Secrets that were let in, by what they are, to be looked for where none of them may turn up. */
export class Canaries {
  private readonly forms = new Map<string, string[]>();

  /** Remembers a secret text; in JSON, in a URL and in base64 it is the same secret. */
  plant(what: string, text: string): string {
    const bytes = Buffer.from(text);
    const written = [text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)];
    this.forms.set(what, [...new Set([...written, withoutPadding(bytes.toString('base64')), bytes.toString('hex')])]);
    return text;
  }

  /** Remembers secret bytes in every usual spelling. */
  plantBytes(what: string, bytes: Buffer): void {
    const spelled = [bytes.toString('base64'), bytes.toString('base64url')].map(withoutPadding);
    this.forms.set(what, [bytes.toString('latin1'), bytes.toString('hex'), ...spelled]);
  }

  /** The secrets that stand in a content, leaving out those that may. */
  foundIn(content: string, allowed: readonly string[] = []): string[] {
    const found = [...this.forms].filter(([, forms]) => forms.some((form) => content.includes(form)));
    return found.map(([what]) => what).filter((what) => !allowed.includes(what));
  }

  get names(): string[] {
    return [...this.forms.keys()];
  }
}

function withoutPadding(base64: string): string {
  return base64.replace(/=+$/, '');
}

/** Every byte that an appliance keeps: its database files, or the rows of its tables in PostgreSQL. */
export async function everythingStored({ kernel, home }: TestAppliance): Promise<string> {
  const { databases } = kernel;
  if (databases.dialect === 'sqlite') return bytesBelow(join(databasePaths(home).state, '..'));
  const parts: string[] = [];
  for (const look of [databases.state.read, databases.audit.read] as unknown as Kysely<never>[]) {
    const { rows: tables } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables where table_schema = current_schema()`.execute(look);
    for (const { name } of tables) {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(look);
      for (const row of rows) parts.push(...Object.values(row).map(asText));
    }
  }
  return parts.join('\n');
}

function asText(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('latin1') : String(value);
}

function bytesBelow(directory: string): string {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name));
  return files
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}
