import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyObject, anySet, anyValue, jsonText } from './arbitrary.fixture.ts';
import {
  compare,
  compile,
  equal,
  fromJsonText,
  type Policy,
  RegoErrors,
  RegoObject,
  RegoSet,
  toJsonText,
  toText,
  type Value,
} from './index.ts';
import { keyOf } from './values.ts';

const RUNS = { seed: 20_260, numRuns: 400 };

/** Each rule is a law; a law that holds adds its name. `a`, `b`, `c` are sets, `o` and `q` objects. */
const LAWS = `package laws

import rego.v1

holds contains "union commutes" if input.a | input.b == input.b | input.a

holds contains "intersection commutes" if input.a & input.b == input.b & input.a

holds contains "union associates" if (input.a | input.b) | input.c == input.a | (input.b | input.c)

holds contains "intersection associates" if (input.a & input.b) & input.c == input.a & (input.b & input.c)

holds contains "intersection distributes" if input.a & (input.b | input.c) == (input.a & input.b) | (input.a & input.c)

holds contains "union distributes" if input.a | (input.b & input.c) == (input.a | input.b) & (input.a | input.c)

holds contains "a set absorbs its parts" if {
	input.a | (input.a & input.b) == input.a
	input.a & (input.a | input.b) == input.a
}

holds contains "the empty set is neutral" if {
	input.a | set() == input.a
	input.a & set() == set()
	input.a - set() == input.a
}

holds contains "nothing is left of a set without itself" if input.a - input.a == set()

holds contains "a difference and what is shared make the set" if (input.a - input.b) | (input.a & input.b) == input.a

holds contains "a difference shares nothing with what was taken" if (input.a - input.b) & input.b == set()

holds contains "De Morgan" if input.c - (input.a | input.b) == (input.c - input.a) & (input.c - input.b)

holds contains "counts of union and intersection" if {
	count(input.a | input.b) == (count(input.a) + count(input.b)) - count(input.a & input.b)
}

holds contains "a set is its members" if {x | some x in input.a} == input.a

holds contains "members come in order" if [x | some x in input.a] == sort(input.a)

holds contains "every member is in the set" if every x in input.a { x in input.a; input.a[x] == x }

holds contains "union and intersection of many" if {
	union({input.a, input.b, input.c}) == (input.a | input.b) | input.c
	intersection({input.a, input.b, input.c}) == (input.a & input.b) & input.c
}

holds contains "least and greatest" if {
	every x in input.a { min(input.a) <= x; x <= max(input.a) }
}

holds contains "an object is its entries" if {k: v | some k, v in input.o} == input.o

holds contains "every key leads to its value" if every k, v in input.o { input.o[k] == v }

holds contains "keys of a union" if object.keys(object.union(input.o, input.q)) == object.keys(input.o) | object.keys(input.q)

holds contains "the right side of a union wins" if {
	both := object.union(input.o, input.q)
	every k, v in input.q { right_wins(both[k], v) }
}

holds contains "a union with nothing" if {
	object.union(input.o, {}) == input.o
	object.union({}, input.o) == input.o
	object.union(input.o, input.o) == input.o
}

holds contains "unions of many go from the left" if {
	object.union_n([input.o, input.q]) == object.union(input.o, input.q)
}

holds contains "filter and remove share an object out" if {
	kept := object.filter(input.o, input.a)
	rest := object.remove(input.o, input.a)
	object.keys(kept) == object.keys(input.o) & input.a
	object.keys(rest) == object.keys(input.o) - input.a
	object.union(kept, rest) == input.o
}

holds contains "what is filtered is a part" if object.subset(input.o, object.filter(input.o, input.a))

holds contains "get finds each key that is no path" if {
	every k, v in input.o { found(k, v) }
}

right_wins(_, v) if is_object(v)

right_wins(got, v) if got == v

found(k, _) if is_array(k)

found(k, v) if object.get(input.o, k, "none") == v
`;

function policyOf(text: string): Policy {
  const { policy, errors } = compile([{ file: 'laws.rego', text }]);
  if (policy === undefined) throw new RegoErrors(errors);
  return policy;
}

describe('sets and objects in policies', () => {
  const policy = policyOf(LAWS);
  const names = RegoSet.from([...LAWS.matchAll(/contains "([^"]+)"/g)].map(([, name]) => name!));

  it('obey their laws', () => {
    expect(names.size).toBe(27);
    fc.assert(
      fc.property(anySet, anySet, anySet, anyObject, anyObject, (a, b, c, o, q) => {
        const input = RegoObject.from(Object.entries({ a, b, c, o, q }));
        const holding = policy.evaluate('data.laws.holds', { input }) as RegoSet;
        expect(toText(names.difference(holding))).toBe('set()');
      }),
      RUNS,
    );
  });
});

describe('values', () => {
  it('have one order: of three, and equal exactly where neither comes first', () => {
    fc.assert(
      fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
        expect(equal(a, b)).toBe(compare(a, b) === 0);
        expect(compare(a, a)).toBe(0);
        const [first, second, third] = [a, b, c].sort(compare) as [Value, Value, Value];
        expect(compare(first, second)).toBeLessThanOrEqual(0);
        expect(compare(second, third)).toBeLessThanOrEqual(0);
        expect(compare(first, third)).toBeLessThanOrEqual(0);
      }),
      RUNS,
    );
  });

  it('have the same hash key exactly when they are equal', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(equal(a, b));
        expect(RegoSet.from([a, b]).size).toBe(equal(a, b) ? 1 : 2);
      }),
      RUNS,
    );
  });

  it('do not depend on the order in which they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyValue, anyValue), { maxLength: 6 }), (entries) => {
        const unique = [...RegoObject.from(entries).entries()];
        expect(equal(RegoObject.from([...unique].reverse()), RegoObject.from(unique))).toBe(true);
        const keys = unique.map(([key]) => key);
        expect(toText(RegoSet.from([...keys].reverse()))).toBe(toText(RegoSet.from(keys)));
      }),
      RUNS,
    );
  });

  it('come back from JSON as they were written', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const value = fromJsonText(text);
        const written = toJsonText(value);
        expect(equal(fromJsonText(written), value)).toBe(true);
        expect(toJsonText(fromJsonText(written))).toBe(written);
      }),
      RUNS,
    );
  });

  it('come back from their Rego text', () => {
    const empty = policyOf('package empty');
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = toText(value);
        fc.pre(!/\\[^nrtbf"\\u]/.test(text));
        expect(equal(empty.query(`x = ${text}`)[0]!.get('x')!, value)).toBe(true);
      }),
      RUNS,
    );
  });
});
