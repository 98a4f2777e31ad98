import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { promisify } from 'node:util';
import type { LoadOrder, LoadResult } from './load-order.ts';

const folder = path.resolve(import.meta.dirname, '..');
const runFile = promisify(execFile);

function nodeArguments(program: string, given: readonly string[]): string[] {
  return ['--import', 'tsx', path.join(folder, `${program}.ts`), ...given];
}

/** Sends load from a process of its own. Throws with what it complained of when it fails. */
export async function runLoad(order: LoadOrder): Promise<LoadResult> {
  const running = runFile(process.execPath, nodeArguments('load-generator', []), { cwd: folder });
  running.child.stdin!.end(JSON.stringify(order));
  return JSON.parse((await running).stdout) as LoadResult;
}

/** A program of this folder that runs beside the server and speaks in lines. */
export class Companion {
  readonly pid: number;
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly reader: Interface;
  private errors = '';

  constructor(program: 'bare-fastify' | 'raw-sqlite' | 'rego-engine' | 'rego-wasm', given: readonly string[]) {
    this.child = spawn(process.execPath, nodeArguments(program, given), { cwd: folder });
    this.pid = this.child.pid!;
    this.child.stderr!.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-2000);
    });
    this.reader = createInterface({ input: this.child.stdout! });
    this.lines = this.reader[Symbol.asyncIterator]();
  }

  /** The next line that it prints. Throws with what it complained of when it ended instead. */
  async line(): Promise<string> {
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`The companion process ended: ${this.errors}`);
    return value;
  }

  /** Sends a line and waits for the answer. */
  ask(line: string): Promise<string> {
    this.child.stdin!.write(`${line}\n`);
    return this.line();
  }

  /** Ends it and waits for it. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}

const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used in all of its threads (proc(5), utime and stime); exact to 10 ms. Linux only. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks: fields are counted behind it, where utime is the 12th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory of a process in MiB (proc(5), VmRSS). Linux only. */
export function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`The process ${pid} tells nothing of its memory.`);
  return Number(kib) / 1024;
}
