import { extractAction, toolFamilies } from '../../server/policy/evaluator/index.ts';
import { sqlClass } from '../../server/policy/evaluator/sql-class.ts';
import { type Feature, oneRule, twoCalls } from './feature.ts';
import type { Random } from './random.ts';
import { clients, commandLine, patternNear, resources, sqlText } from './vocabulary.ts';

const closing = (random: Random) => random.pick(['deny', 'warn']);
const method = (random: Random) => random.pick(['*', 'read', 'x']);
const bash = (command: unknown) => ({ tool: 'Bash', args: { command } });

const names: Feature[] = [
  {
    name: 'tool alias',
    make: (random) => {
      const family = random.pick(toolFamilies);
      const rule = {
        effect: closing(random),
        actions: [random.pick([family.name, `${family.name}:*`, family.name.toUpperCase()])],
      };
      const call = { tool: random.pick(family.aliases), method: method(random) };
      return twoCalls(random, rule, call, { ...call, tool: random.pick(['stranger', 'mcp__read', 'reader']) });
    },
  },
  {
    name: 'phase gate',
    make: (random) => {
      const family = random.pick(toolFamilies.filter(({ name }) => name !== 'Bash' && name !== 'database'));
      const call = { tool: family.name, method: method(random) };
      return twoCalls(random, { effect: 'allow', actions: [family.name] }, call, {
        ...call,
        tool: random.pick(family.aliases),
      });
    },
  },
  {
    name: 'host tool name',
    make: (random) => {
      const family = random.pick(toolFamilies.filter(({ name }) => name.startsWith('file_')));
      const [named, other] = [random.pick(family.aliases), random.pick(family.aliases)];
      const hook = (host: string) => ({ ...extractAction(host, {}), args: {}, hook: host });
      return twoCalls(random, { effect: closing(random), actions: [named] }, hook(named), hook(other));
    },
  },
  {
    name: 'later alias of a hook',
    make: (random) => {
      const later = random.pick(['MultiEdit', 'NotebookEdit', 'fs_write', 'search_replace', 'hashline_edit', 'WRITE']);
      const hook = (host: string) => ({ ...extractAction(host, {}), args: {}, hook: host });
      const rule = { effect: 'allow', actions: [random.pick(['file_write', 'file_write:write'])] };
      return twoCalls(random, rule, hook(random.pick(['Edit', 'Write', 'file_write'])), hook(later));
    },
  },
  {
    name: 'tool in any case',
    make: (random) => {
      const tool = random.pick(['GitHub', 'straße', 'ÉTÉ', 'Mcp__X']);
      const call = { tool: random.pick([tool.toUpperCase(), tool.toLowerCase()]), method: 'a' };
      return twoCalls(random, { actions: [tool] }, call, { ...call, tool: `${call.tool}s` });
    },
  },
  {
    name: 'method in its case',
    make: (random) => {
      const named = random.pick(['List', 'delete_Repo', 'É']);
      const call = { tool: 'github', method: named };
      return twoCalls(random, { actions: [`GITHUB:${named}`] }, call, { ...call, method: named.toLowerCase() });
    },
  },
  {
    name: 'action pattern',
    make: (random) => {
      const call = { tool: 'github', method: random.pick(['delete_repo', 'list/all', 'a[b]']) };
      const pattern = patternNear(random, `github:${call.method}`);
      return twoCalls(random, { actions: [pattern] }, call, { ...call, method: `x${call.method}` });
    },
  },
];

const derived: Feature[] = [
  {
    name: 'database alias',
    make: (random) => {
      const named = random.pick([
        'read',
        'write',
        'admin',
        'exec',
        'SELECT',
        'query',
        'DROP',
        'delete',
        'execute',
        'do',
        'INSERT',
      ]);
      const called = () => ({
        tool: 'database',
        method: random.pick(['SELECT', 'query', 'DROP', 'delete', 'read', 'do', 'admin', 'exec', 'UPDATE', 'write']),
      });
      return twoCalls(random, { actions: [`database:${named}`] }, called(), called());
    },
  },
  {
    name: 'SQL class',
    make: (random) => {
      const call = () => ({ tool: 'database', args: { sql: sqlText(random) } });
      const rule = { actions: [`database:${random.pick(['read', 'write', 'admin', 'exec', 'query', 'DROP'])}`] };
      return twoCalls(random, rule, call(), call());
    },
  },
  {
    name: 'SQL against method',
    make: (random) => {
      const call = { tool: 'database', method: random.pick(['read', 'query', 'write', 'exec', 'admin', 'delete']) };
      const sqls = [sqlText(random), sqlText(random)].filter((sql) => sqlClass(sql) !== undefined);
      const rule = {
        effect: 'allow',
        actions: [`database:${random.pick(['read', 'write', 'admin', 'exec', call.method])}`],
      };
      return twoCalls(
        random,
        rule,
        { ...call, args: { sql: sqls[0] ?? 'SELECT 1' } },
        { ...call, args: { sql: sqls[1] ?? 'DROP TABLE t' } },
      );
    },
  },
  ...['file_delete', 'network', 'file_write', 'file_read'].map((name) => ({
    name: `shell class ${name}`,
    make: (random: Random) =>
      twoCalls(
        random,
        { actions: [random.pick([name, `${name}:${name}`])] },
        bash(commandLine(random)),
        bash(commandLine(random)),
      ),
  })),
  {
    name: 'git action',
    make: (random) => {
      const ref = random.pick(['main', 'release/1', 'dev']);
      const line = (target: string) =>
        random.pick(['git push origin ', 'git -C /r push -f o ', 'A=1 git push o HEAD:', 'ls; /usr/bin/git push o +']) +
        target;
      const pattern = random.pick([`git_push:${ref}`, 'git_push:release/*', 'git_*:main']);
      return twoCalls(
        random,
        { actions: [pattern] },
        bash(line(ref)),
        bash(random.pick([line('feat'), line('main'), 'git push', 'git status'])),
      );
    },
  },
  {
    name: 'cloud action',
    make: (random) => {
      const lines = [
        'kubectl delete pod x',
        'kubectl get pods',
        'aws s3 ls',
        'aws --region r s3',
        'gcloud compute x',
        'sudo kubectl delete x',
        'ls | AWS S3',
      ];
      const rule = { actions: [random.pick(['kubectl:delete', 'aws:s3', 'gcloud:*', 'kubectl'])] };
      return twoCalls(random, rule, bash(random.pick(lines)), bash(random.pick(lines)));
    },
  },
  {
    name: 'caller-supplied class',
    make: (random) => {
      const call = (name: string) => ({ tool: 'Bash', context: { action_semantic_class: name } });
      return twoCalls(
        random,
        { actions: ['file_write'] },
        call('file_write:file_write'),
        call(random.pick(['file_read:file_read', 'x'])),
      );
    },
  },
];

const gates: Feature[] = [
  {
    name: 'client selector',
    make: (random) => {
      const call = () => ({ tool: 't', context: { client_name: random.pick(clients) } });
      return twoCalls(random, { clients: [patternNear(random, random.pick(clients))] }, call(), call());
    },
  },
  {
    name: 'project selector',
    make: (random) => {
      const call = { tool: 't', context: { project_id: 'claimed' } };
      const first = oneRule(
        random,
        { projects: [patternNear(random, random.pick(['proj-1', 'proj-2', 'claimed']))] },
        call,
      );
      return { first, second: { ...first, projectId: random.pick(['proj-2', 'other', 'claimed', '']) } };
    },
  },
  {
    name: 'resource',
    make: (random) => {
      const call = () => ({ tool: 't', context: random.chance(0.2) ? {} : { resource: random.pick(resources) } });
      return twoCalls(random, { resources: [patternNear(random, random.pick(resources))] }, call(), call());
    },
  },
];

/** Features about the actions a call has and the selectors of a rule. */
export const actionFeatures: readonly Feature[] = [...names, ...derived, ...gates];
