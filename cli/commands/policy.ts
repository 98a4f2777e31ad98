import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Command } from 'commander';
import { runPolicyCases } from '../../server/policy/cases/run.ts';
import { checkPolicyDocument, type Problem } from '../../server/policy/document/index.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { type Output, table } from '../output.ts';
import { everyPage, resolveProject } from '../resolve.ts';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

interface PolicyView {
  id: string;
  name: string;
  status: string;
  version: number;
  project_id: string | null;
}

interface Applied extends PolicyView {
  outcome: string;
  warnings?: Problem[];
  effect_on_unmatched?: { message: string } | null;
}

/** `czctl policy validate|test|apply|list`. Validating and testing need no appliance. */
export function registerPolicy(program: Command, sessionOf: SessionOf): void {
  const policy = program.command('policy').description('validate, test, apply and list policies');
  const fileOption = ['-f, --file <file>', 'policy document as YAML or JSON; - reads standard input'] as const;

  policy
    .command('validate')
    .description('judge a policy document offline; exit code 1 when it has errors')
    .requiredOption(...fileOption)
    .addHelpText('after', '\nExample:\n  czctl policy validate -f production.yaml')
    .action((flags: { file: string }, command: Command) => {
      const { out } = sessionOf(command);
      const { problems } = checkPolicyDocument(readPolicyFile(flags.file));
      printProblems(flags.file, problems, out);
      const valid = !problems.some((problem) => problem.severity === 'error');
      out.say(valid ? out.paint.green(`${flags.file} is valid.`) : out.paint.red(`${flags.file} is not valid.`));
      out.result('policy-validation', { valid, problems });
      process.exitCode = valid ? EXIT.ok : EXIT.failed;
    });

  policy
    .command('test')
    .description('run the cases of a file against the policies in it; exit code 1 when one fails')
    .requiredOption('-f, --file <file>', 'cases as YAML or JSON: policy, calls and what to expect')
    .addHelpText('after', '\nExample:\n  czctl policy test -f production.cases.yaml')
    .action((flags: { file: string }, command: Command) => {
      const { out } = sessionOf(command);
      const report = runPolicyCases(readPolicyFile(flags.file));
      printProblems(flags.file, report.problems, out);
      for (const each of report.cases.filter((one) => !one.ok)) {
        out.say(
          `${out.paint.red('failed')} ${each.description}${each.line === undefined ? '' : ` (line ${each.line})`}`,
        );
        printProblems(flags.file, each.problems, out);
        for (const call of each.calls.filter((one) => !one.ok)) {
          for (const { member, expected, decided } of call.differences)
            out.say(
              `  ${call.action}: ${member} expected ${JSON.stringify(expected)}, decided ${JSON.stringify(decided)}`,
            );
        }
      }
      out.say(`${report.passed} passed, ${report.failed} failed`);
      out.result('policy-test', { ...report });
      process.exitCode = report.ok ? EXIT.ok : EXIT.failed;
    });

  policy
    .command('apply')
    .description('create or change a policy by its name; it is live at once')
    .requiredOption(...fileOption)
    .option('--name <name>', 'name of the policy (default: the file name)')
    .option('--project <project>', 'id, public id or name of the project (default: the only one)')
    .option('--accept-older-sdk-impact', 'go on although older SDKs would decide otherwise', false)
    .addHelpText('after', '\nExample:\n  czctl policy apply -f production.yaml --project production-agents')
    .action(
      async (
        flags: { file: string; name?: string; project?: string; acceptOlderSdkImpact: boolean },
        command: Command,
      ) => {
        const { options, out } = sessionOf(command);
        const body = {
          name: flags.name ?? basename(flags.file, extname(flags.file)),
          ...documentOf(flags.file),
          ...(flags.acceptOlderSdkImpact ? { accept_older_sdk_impact: true } : {}),
        };
        const applied = await withAppliance(options.home, async (client) =>
          client.call<Applied>(
            'POST',
            `/operator/projects/${(await resolveProject(client, flags.project)).id}/policies/apply`,
            body,
          ),
        );
        printProblems(flags.file, applied.warnings ?? [], out);
        out.say(`Policy ${applied.name} is ${applied.outcome} (version ${applied.version}, ${applied.status}).`);
        if (applied.effect_on_unmatched != null) out.say(applied.effect_on_unmatched.message);
        out.result('policy-applied', { policy: applied });
      },
    );

  policy
    .command('list')
    .description('list the policies of a project')
    .option('--project <project>', 'id, public id or name of the project (default: the only one)')
    .addHelpText('after', '\nExample:\n  czctl policy list --project production-agents --json')
    .action(async (flags: { project?: string }, command: Command) => {
      const { options, out } = sessionOf(command);
      const policies = await withAppliance(options.home, async (client) =>
        everyPage<PolicyView>(
          client,
          `/operator/projects/${(await resolveProject(client, flags.project)).id}/policies`,
          'policies',
        ),
      );
      out.say(
        table(
          ['ID', 'NAME', 'VERSION', 'STATUS', 'SCOPE'],
          policies.map((one) => [
            one.id,
            one.name,
            String(one.version),
            one.status,
            one.project_id === null ? 'organization' : 'project',
          ]),
        ),
      );
      out.result('policies', { policies });
    });
}

function printProblems(file: string, problems: readonly Problem[], out: Output): void {
  for (const problem of problems) {
    const place = problem.line === undefined ? file : `${file}:${problem.line}:${problem.column ?? 1}`;
    const word = problem.severity === 'error' ? out.paint.red('error') : out.paint.yellow('warning');
    out.say(`${place}: ${word}: ${problem.message}`);
  }
}

function documentOf(file: string): { yaml: string } | { document: unknown } {
  const text = readPolicyFile(file);
  if (!text.trimStart().startsWith('{')) return { yaml: text };
  try {
    return { document: JSON.parse(text) };
  } catch (error) {
    throw new CommandError(EXIT.failed, `${file} is not JSON: ${(error as Error).message}`);
  }
}

function readPolicyFile(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CommandError(EXIT.notFound, `${file} cannot be read: ${(error as Error).message}`);
  }
}
