import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { PolicyCall } from '../../server/policy/evaluator/index.ts';

/** A payload and the calls to decide over it. */
export interface Case {
  readonly payload: unknown;
  readonly projectId: string;
  readonly sdkVersion?: string;
  /** The SDK holds the bundle from its cache, for too long. */
  readonly stale?: boolean;
  readonly calls: readonly PolicyCall[];
}

/** A decision in the words of the SDK; members are absent where the SDK has none. */
export interface Judgement {
  readonly effect: string;
  readonly policy_id: string;
  readonly reason?: string;
  readonly reason_code?: string;
  readonly match_semantics?: string;
  readonly divergent?: readonly string[];
  readonly escalates?: boolean;
}

/** What the SDK makes of a case: it refuses the payload, or decides every call. */
export type Ruling =
  | { readonly error: string; readonly decisions?: undefined }
  | { readonly error?: undefined; readonly status: string; readonly decisions: readonly Judgement[] };

/** Rules for sensitive data, and arguments of a call that may proceed. */
export interface Scan {
  readonly rules: readonly unknown[];
  readonly effect: 'allow' | 'warn' | 'deny';
  readonly args: Record<string, unknown>;
  readonly rewrite: boolean;
}

/** What the SDK makes of a scan. */
export type ScanRuling =
  | { readonly error: string }
  | { readonly effect: string; readonly policy_id: string; readonly reason_code: string; readonly masked: unknown };

/** One Python process that answers with the installed SDK's own code. */
export class Judge {
  private readonly process: ChildProcess;
  private readonly lines: Interface;
  private readonly waiting: Array<{ resolve(line: string): void; reject(error: Error): void }> = [];
  private errors = '';

  constructor(python: string) {
    this.process = spawn(python, [path.join(import.meta.dirname, 'judge.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    this.lines.on('line', (line) => this.waiting.shift()?.resolve(line));
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-2000);
    });
    this.process.on('exit', () => {
      for (const waiter of this.waiting.splice(0)) waiter.reject(new Error(`the judge ended: ${this.errors}`));
    });
  }

  /** Lets the SDK decide cases; answers come in the same order. */
  policies(cases: readonly Case[]): Promise<readonly Ruling[]> {
    const items = cases.map(({ payload, projectId, sdkVersion, stale, calls }) => ({
      payload,
      project_id: projectId,
      sdk_version: sdkVersion,
      stale,
      calls,
    }));
    return this.ask('policies', items) as Promise<readonly Ruling[]>;
  }

  /** Class, program, git action and cloud action of command lines; empty text for none. */
  commands(lines: readonly string[]): Promise<readonly string[][]> {
    return this.ask('commands', lines) as Promise<readonly string[][]>;
  }

  /** Class and keyword of SQL texts; empty text for none. */
  statements(texts: readonly string[]): Promise<readonly string[][]> {
    return this.ask('statements', texts) as Promise<readonly string[][]>;
  }

  /** Tool and method that a hook asks about. */
  tools(calls: ReadonlyArray<readonly [string, unknown]>): Promise<readonly string[][]> {
    return this.ask('tools', calls) as Promise<readonly string[][]>;
  }

  /** Whether a regular expression is found in a text. */
  searches(asked: ReadonlyArray<readonly [string, string, boolean]>): Promise<readonly boolean[]> {
    return this.ask('searches', asked) as Promise<readonly boolean[]>;
  }

  /** What scanning arguments for sensitive data decides. */
  scans(asked: readonly Scan[]): Promise<readonly ScanRuling[]> {
    return this.ask('scans', asked) as Promise<readonly ScanRuling[]>;
  }

  /** Ends the process. */
  close(): void {
    this.lines.close();
    this.process.kill();
  }

  private async ask(name: string, items: readonly unknown[]): Promise<unknown> {
    const line = await new Promise<string>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.process.stdin?.write(`${JSON.stringify({ [name]: items })}\n`);
    });
    return (JSON.parse(line) as Record<string, unknown>)[name];
  }
}
