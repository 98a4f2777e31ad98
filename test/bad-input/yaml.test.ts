import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manualClock } from '../../server/kernel/clock.ts';
import { startAppliance } from '../harness.ts';
import { changedBy, furnish, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await furnish(await startAppliance({ clock: manualClock() }));
});
afterAll(() => world?.appliance.discard());

const rules = 'rules:\n  - deny: "Bash:rm"\n';
const laughs = Array.from({ length: 12 }, (_, level) => {
  const before = level === 0 ? '"lol"' : `*a${level - 1}`;
  return `a${level}: &a${level} [${Array(10).fill(before).join(', ')}]\n`;
}).join('');

/** Documents that a YAML reader may choke on, or read as something else than their author meant. */
const HOSTILE: Record<string, string> = {
  'a billion laughs': `version: "1"\n${laughs}${rules}`,
  'an alias': `version: "1"\nx: &x {deny: "Bash:rm"}\nrules:\n  - *x\n`,
  'an anchor that nobody uses': `version: &v "1"\n${rules}`,
  'an alias that holds itself': `version: "1"\nrules: &r\n  - *r\n`,
  'a merge key': `version: "1"\nrules:\n  - <<: {deny: "Bash:rm"}\n`,
  'a tag of JavaScript': `version: "1"\nrules: !!js/function "function () { return 1 }"\n`,
  'a tag of Python': `version: "1"\nrules: !!python/object/apply:os.system ["true"]\n`,
  binary: `version: !!binary "MQ=="\n${rules}`,
  'a directive': `%YAML 1.1\n---\nversion: "1"\n${rules}`,
  'two documents': `version: "1"\n${rules}---\nversion: "1"\n${rules}`,
  'a key twice': `version: "1"\n${rules}${rules}`,
  'a key that is no text': `version: "1"\n1: x\n${rules}`,
  'a key that is a list': `version: "1"\n? [a, b]\n: x\n${rules}`,
  NaN: `version: "1"\nrules:\n  - deny: "Bash:rm"\n    priority: .nan\n`,
  infinity: `version: "1"\nrules:\n  - deny: "Bash:rm"\n    priority: -.inf\n`,
  'a huge number': `version: "1"\nrules:\n  - deny: "Bash:rm"\n    priority: 1e999\n`,
  'ten thousand lists': `version: "1"\nrules: ${'['.repeat(10_000)}${']'.repeat(10_000)}\n`,
  'ten thousand lists without an end': `version: "1"\nrules: ${'['.repeat(10_000)}\n`,
  'a thousand levels of indentation': Array.from({ length: 1_000 }, (_, n) => `${' '.repeat(n)}a:\n`).join(''),
  'stray brackets': `version: "1"\nrules: ${']'.repeat(10_000)}\n`,
  'sixty thousand keys': Array.from({ length: 60_000 }, (_, n) => `k${n}: x\n`).join(''),
  'a tab for indentation': 'version: "1"\nrules:\n\t- deny: "Bash:rm"\n',
  'a text without an end': 'version: "1\nrules: []\n',
  'a control character': `version: "1"\n# \u0007\nname: "\u0007"\n${rules}`,
  'an escaped NUL': `version: "1"\nrules:\n  - deny: "Bash:rm"\n    reason: "x\\0"\n`,
  'an escaped half of a surrogate pair': `version: "1"\nrules:\n  - deny: "Bash:rm"\n    reason: "\\ud800"\n`,
  'a regular expression that runs for ever': `version: "1"\nrules:\n  - deny: "Bash:rm"\ndlp_rules:\n  - {name: x, pattern: "(a+)+$(?=b)", action: block}\n`,
  nothing: '',
  'a comment': '# nothing\n',
  'a list': '- a\n- b\n',
  'a text': 'version',
};

describe('a policy in YAML', () => {
  it.each(Object.entries(HOSTILE))('is refused with %s, soon, and changes nothing', async (_, yaml) => {
    const below = `/api/projects/${world.params['projectID']}/policies`;
    const began = performance.now();
    const changed = await changedBy(world, async () => {
      for (const [method, url] of [
        ['POST', below],
        ['PATCH', `${below}/${world.params['policyID']}`],
      ] as const) {
        const answer = await world.admin.request(method, url, method === 'POST' ? { name: 'hostile', yaml } : { yaml });
        expect([400, 413, 422], answer.text.slice(0, 300)).toContain(answer.status);
        expect(answer.body).toMatchObject({ error: expect.any(String), code: expect.any(String) });
        expect(answer.body.details.length, answer.text.slice(0, 300)).toBeGreaterThan(0);
      }
      const judged = await world.admin.request('POST', `${below}/validate`, { yaml });
      expect([200, 400, 413, 422]).toContain(judged.status);
      if (judged.status === 200) expect(judged.body.valid).toBe(false);
    });
    expect(changed).toEqual([]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  it('has no key __proto__ but an ordinary one, which is left out with a warning', async () => {
    const yaml = `version: "1"\n__proto__: {isAdmin: true}\n${rules}`;
    const url = `/api/projects/${world.params['projectID']}/policies/validate`;
    const { body } = await world.admin.request('POST', url, { yaml });
    expect(body.valid).toBe(true);
    expect(body.problems).toContainEqual(
      expect.objectContaining({ severity: 'warning', code: 'unknown_key', line: 2 }),
    );
    expect(JSON.stringify(body.document)).not.toContain('isAdmin');
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('is taken when it is none of these', async () => {
    const below = `/api/projects/${world.params['projectID']}/policies`;
    const answer = await world.admin.request('POST', below, { name: 'harmless', yaml: `version: "1"\n${rules}` });
    expect(answer.status).toBe(201);
  });
});
