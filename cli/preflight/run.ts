import { join } from 'node:path';
import { readCertificate } from '../../server/certificate-files.ts';
import { certificateCovers, renewalDue } from '../../server/crypto/certificate-inspection.ts';
import { isDeployed, PATHS } from '../../server/deployment.ts';
import { type Config, ConfigError, loadConfig } from '../../server/kernel/config/load.ts';
import type { Output } from '../output.ts';
import { systemProblem } from '../system-problem.ts';
import type { Check, Finding, Place } from './check.ts';
import { MACHINE_CHECKS } from './machine.ts';

export interface CheckResult extends Finding {
  id: string;
  title: string;
}

/** Runs every check of a directory, in order. A check that breaks is a failed check, never an exception. */
export async function runPreflight(home: string, serving: boolean, now: number): Promise<CheckResult[]> {
  const { config, finding } = readConfig(home);
  const place: Place = {
    home,
    bind: config?.bind ?? '0.0.0.0',
    port: config?.port ?? 8443,
    serving,
    container: process.env.CZ_PACKAGING === 'container',
    now,
  };
  const results: CheckResult[] = [];
  for (const check of MACHINE_CHECKS)
    results.push({ id: check.id, title: check.title, ...(await outcome(check, place)) });
  results.push({ id: 'configuration', title: 'The configuration is valid', ...finding });
  if (config !== null && config.tls !== 'off' && config.tls !== 'proxy')
    results.push({
      id: 'certificate',
      title: 'The certificate fits its key and the host name',
      ...certificateFinding(config, now),
    });
  return results;
}

/** Prints the report of the facts file: one `[preflight]` line for each check, advice below what is not well. */
export function printPreflight(results: readonly CheckResult[], out: Output): void {
  const colour = { pass: out.paint.green, warn: out.paint.yellow, fail: out.paint.red };
  for (const result of results) {
    out.say(`[preflight] ${result.id.padEnd(18)} ${colour[result.verdict](`[${result.verdict}]`)} ${result.found}`);
    if (result.advice !== undefined) out.say(`            ${result.advice}`);
  }
}

async function outcome(check: Check, place: Place): Promise<Finding> {
  try {
    return await check.run(place);
  } catch (error) {
    return { verdict: 'fail', found: (error as Error).message };
  }
}

function readConfig(home: string): { config: Config | null; finding: Finding } {
  try {
    if (!isDeployed(home)) return { config: null, finding: { verdict: 'pass', found: 'no deployment yet' } };
    return { config: loadConfig(home), finding: { verdict: 'pass', found: join(home, PATHS.env) } };
  } catch (error) {
    return {
      config: null,
      finding: {
        verdict: 'fail',
        found: systemProblem(error) ?? (error as Error).message,
        ...(error instanceof ConfigError ? { advice: 'Mend the named settings with "czctl config set".' } : {}),
      },
    };
  }
}

function certificateFinding(config: Config, now: number): Finding {
  let pem: string;
  try {
    pem = readCertificate(config)?.cert.toString() ?? '';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return {
      verdict: 'fail',
      found: error.problems.join('; '),
      advice: 'Mend the files, or make new ones: czctl init.',
    };
  }
  if (!certificateCovers(pem, config.hostname))
    return {
      verdict: 'fail',
      found: `the certificate does not cover ${config.hostname}`,
      advice: 'Run "czctl init" again to make one for the new host name, or install your own.',
    };
  if (renewalDue(pem, now))
    return {
      verdict: 'warn',
      found: 'the certificate ends soon',
      advice: 'Run "czctl init" again to renew it, or install your own.',
    };
  return { verdict: 'pass', found: `covers ${config.hostname}` };
}
