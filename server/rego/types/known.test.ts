import { describe, expect, it } from 'vitest';
import { RuleTree } from '../compile/rule-tree.ts';
import { Known } from './known.ts';
import { DeclaredTypes } from './schemas.ts';
import { TypeTree } from './type-tree.ts';
import { ANY, NUMBER } from './types.ts';

const failing = (): never => {
  throw new Error('a check that fails');
};

describe('what is known where a check is', () => {
  it('forgets what schemas declared for a check that failed', () => {
    const known = new Known(new RuleTree([]));
    const outer = new DeclaredTypes();
    known.under(outer, () => {
      expect(() => known.under(new DeclaredTypes(), failing)).toThrow('a check that fails');
      expect(known.declared).toBe(outer);
    });
    expect(known.declared).toBeUndefined();
  });

  it('forgets what modifiers said for a check that failed', () => {
    const known = new Known(new RuleTree([]));
    const replaced = new TypeTree();
    replaced.replace(['input', 'n'], NUMBER);
    expect(() =>
      known.replacing(replaced, [], () => {
        expect(known.find(['input', 'n']).type).toEqual(NUMBER);
        failing();
      }),
    ).toThrow('a check that fails');
    expect(known.find(['input', 'n']).type).toEqual(ANY);
  });
});
