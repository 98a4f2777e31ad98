/** A real OPA to compare with: a server on a socket of its own for evaluating, and the command for folders of policies. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fromJson, fromJsonText, RegoObject, toJsonText, type Value } from '../server/rego/index.ts';
import type { GeneratedCase } from '../server/rego/tools/generate/generate.ts';

/** What an engine says of a case: the value as JSON, `undefined`, or `errors` with the codes. */
export type Verdict = string;

/** The codes of errors as a verdict. */
export function errorVerdict(codes: readonly string[]): Verdict {
  return `errors ${[...new Set(codes)].sort().join(', ')}`;
}

/** The value as a verdict: sets become arrays, numbers keep their digits. */
export function valueVerdict(value: Value | undefined): Verdict {
  return value === undefined ? 'undefined' : toJsonText(fromJsonText(toJsonText(value)));
}

/** An OPA server that holds one policy at a time. */
export class OpaServer {
  static #started = 0;
  readonly #process: ChildProcess;
  readonly #socket: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #data = '';

  private constructor(process: ChildProcess, socket: string) {
    this.#process = process;
    this.#socket = socket;
  }

  /** Starts the server with its socket in the folder. Throws when it does not answer within 20 s. */
  static async start(opa: string, folder: string): Promise<OpaServer> {
    // A server that is ending may still take its socket away.
    const socket = join(folder, `opa-${OpaServer.#started++}.sock`);
    const args = ['run', '--server', '--addr', `unix://${socket}`, '--log-level', 'error', '--skip-version-check'];
    const server = new OpaServer(spawn(opa, args, { stdio: 'ignore' }), socket);
    for (let attempt = 0; attempt < 200; attempt++) {
      const answer = await server.#ask('GET', '/health', '').catch(() => undefined);
      if (answer !== undefined) return server;
      await wait(100);
    }
    server.stop();
    throw new Error(`${opa} did not start as a server`);
  }

  stop(): void {
    this.#agent.destroy();
    this.#process.kill();
  }

  /** Compiles and evaluates the case. */
  async judge(generated: GeneratedCase): Promise<Verdict> {
    if (generated.data !== this.#data) {
      await this.#ask('DELETE', '/v1/policies/policy', '');
      await this.#ask('PUT', '/v1/data', generated.data);
      this.#data = generated.data;
    }
    const refusal = await this.#ask('PUT', '/v1/policies/policy', generated.module);
    const problems = errorsOf(refusal);
    if (problems !== undefined) return problems;
    const path = generated.query.replace('data.', '').replaceAll('.', '/');
    const answer = await this.#ask('POST', `/v1/data/${path}`, `{"input": ${generated.input}}`);
    return errorsOf(answer) ?? valueVerdict(answer.get('result'));
  }

  #ask(method: string, path: string, body: string): Promise<RegoObject> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.#socket, agent: this.#agent, method, path }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          resolve(text === '' ? RegoObject.empty : (fromJsonText(text) as RegoObject));
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

function errorsOf(answer: RegoObject): Verdict | undefined {
  const errors = answer.get('errors') as readonly RegoObject[] | undefined;
  if (errors !== undefined) {
    // That OPA stops after ten errors is none of the policy's.
    const own = errors.filter((error) => error.get('message') !== 'error limit reached');
    return errorVerdict(own.map((error) => String(error.get('code'))));
  }
  return answer.has('code') ? errorVerdict([String(answer.get('code'))]) : undefined;
}

/** Formats every policy of a folder in place. Throws when one does not parse. */
export function formatFolder(opa: string, folder: string): void {
  execFileSync(opa, ['fmt', '-w', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Bytes of a report of `opa test`. */
const MAX_REPORT = 512 * 1024 * 1024;

/** The results of `opa test` by package and name, as {@link outcomeOf} words them. */
export function testFolder(opa: string, folder: string): Map<string, string> {
  let text: string;
  try {
    text = execFileSync(opa, ['test', '-f', 'json', folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: MAX_REPORT,
    });
  } catch (error) {
    text = (error as { stdout?: string }).stdout ?? '';
  }
  const results = JSON.parse(text) as TestOutcome[];
  return new Map(results.map((result) => [`${result.package}.${result.name}`, outcomeOf(result)]));
}

/** What both engines report of a test. */
interface TestOutcome {
  readonly package: string;
  readonly name: string;
  readonly fail?: boolean;
  readonly skip?: boolean;
  readonly error?: unknown;
  /** Trees of names and outcomes; absent for a test without cases. */
  readonly sub_results?: unknown;
}

/** The outcome of a test in a word, with its cases as JSON behind it. */
export function outcomeOf({ fail, skip, error, sub_results }: Omit<TestOutcome, 'package' | 'name'>): string {
  if (skip) return 'skip';
  if (error !== undefined) return 'error';
  const cases = sub_results === undefined ? '' : ` ${toJsonText(fromJson(sub_results))}`;
  return `${fail ? 'fail' : 'pass'}${cases}`;
}
