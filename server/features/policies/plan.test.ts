import { expect, it } from 'vitest';
import { standingAfter } from './plan.ts';
import type { PolicyStatus } from './schema.ts';

type Row = [from: string, wish: string, to: string];

/** `status current/live`, and `+` for a new document, `=` for one that means the same. */
it.each<Row>([
  ['live 1/1', '', 'live 1/1'],
  ['live 1/1', '+', 'live 2/2'],
  ['live 1/1', '=', 'live 1/1'],
  ['live 1/1', '+ draft', 'live 2/1'],
  ['live 1/1', '= draft', 'live 1/1'],
  ['live 1/1', 'draft', 'draft 1/-'],
  ['live 1/1', 'archived', 'archived 1/-'],
  ['live 2/1', '', 'live 2/1'],
  ['live 2/1', 'live', 'live 2/2'],
  ['live 2/1', '=', 'live 2/2'],
  ['live 2/1', '+', 'live 3/3'],
  ['draft 1/-', '', 'draft 1/-'],
  ['draft 1/-', '+', 'draft 2/-'],
  ['draft 1/-', '+ draft', 'draft 2/-'],
  ['draft 1/-', 'live', 'live 1/1'],
  ['draft 1/-', '+ live', 'live 2/2'],
  ['archived 3/-', '+', 'archived 4/-'],
  ['archived 3/-', '+ draft', 'draft 4/-'],
  ['archived 3/-', 'live', 'live 3/3'],
])('%s with "%s" becomes %s', (from, wish, to) => {
  const [status, versions] = from.split(' ') as [PolicyStatus, string];
  const [current, live] = versions.split('/');
  const word = wish.replace(/^[+=] ?/, '');
  const after = standingAfter(
    { status, currentVersion: Number(current), liveVersion: live === '-' ? null : Number(live) },
    {
      hasDocument: /^[+=]/.test(wish),
      isNewDocument: wish.startsWith('+'),
      status: word === '' ? undefined : (word as PolicyStatus),
    },
  );
  expect(`${after.status} ${after.currentVersion}/${after.liveVersion ?? '-'}`).toBe(to);
});
