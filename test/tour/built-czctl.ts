import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { copyBuild } from '../built-program.ts';

const run = promisify(execFile);

/** What a command printed and how it ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** A server in a process of its own. */
export interface ServedDeployment {
  readonly url: string;
  readonly pid: number;
  /** Ends it and waits for it; the exit code is null when the signal ended it. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/** A server that was just started and may not listen yet. */
export interface StartingDeployment extends Omit<ServedDeployment, 'url'> {
  /** The address once it listens; an error when it ended before. */
  readonly listening: Promise<string>;
}

/** What `czctl init --quickstart --json` reports. */
export interface QuickstartReport {
  url: string;
  setup_links: { email: string; url: string }[];
  quickstart: { project_id: string; api_url: string; api_key: string };
}

/**
 * The built command line, copied out of the checkout, with deployments below one temporary directory. Its processes get
 * an environment of their own: nothing that the machine sets for an appliance or an SDK reaches them.
 */
export class BuiltCzctl {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'cz-tour-'));
  private readonly launcher: string;
  private readonly servers = new Set<ChildProcess>();

  constructor() {
    const program = path.join(this.folder, 'program');
    copyBuild(program);
    this.launcher = path.join(program, 'bin', 'czctl');
  }

  /** A directory for one deployment. */
  home(name: string): string {
    return path.join(this.folder, name);
  }

  /** Runs a command to its end; a failure is an exit code, not an error. */
  async run(args: readonly string[]): Promise<Ended> {
    try {
      const { stdout, stderr } = await run(process.execPath, [this.launcher, ...args], {
        env: this.environment(),
        cwd: this.folder,
        timeout: 60_000,
        maxBuffer: 16 * 1024 * 1024,
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
      if (typeof code !== 'number') throw error;
      return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
    }
  }

  /** Runs a command that must succeed, and reads its JSON. */
  async json<T>(args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run([...args, '--json']);
    if (code !== 0) throw new Error(`czctl ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Makes a deployment without a question, on a port that is free now; `flags` answer further questions of `init`. */
  async quickstart(home: string, flags: readonly string[] = []): Promise<QuickstartReport> {
    return this.json(['init', '--quickstart', '--dir', home, '--port', String(await freePort()), ...flags]);
  }

  /** Starts a server and waits until it listens. */
  async serve(home: string, nodeFlags: readonly string[] = []): Promise<ServedDeployment> {
    const { listening, pid, stop } = this.begin(home, nodeFlags);
    return { url: await listening, pid, stop };
  }

  /** Starts a server without waiting for it; `nodeFlags` go to its Node. */
  begin(home: string, nodeFlags: readonly string[] = []): StartingDeployment {
    const child = spawn(process.execPath, [...nodeFlags, this.launcher, 'serve', '--dir', home, '--json'], {
      env: this.environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.servers.add(child);
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    void ended.then(() => this.servers.delete(child));
    const listening = listeningUrl(child, ended);
    listening.catch(() => {});
    return {
      listening,
      pid: child.pid!,
      stop: (signal) => {
        child.kill(signal);
        return ended;
      },
    };
  }

  /** Ends what still runs and removes everything. */
  async discard(): Promise<void> {
    await Promise.all(
      [...this.servers].map(
        (child) =>
          new Promise((resolve) => {
            child.once('exit', resolve);
            child.kill('SIGKILL');
          }),
      ),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  private environment(): NodeJS.ProcessEnv {
    return { PATH: process.env['PATH'], HOME: this.folder, LANG: 'C.UTF-8' };
  }
}

/** A TCP port of the loopback interface that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function listeningUrl(child: ChildProcess, ended: Promise<number | null>): Promise<string> {
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const serving = new Promise<string>((resolve) => {
    lines.on('line', (line) => {
      const message = JSON.parse(line) as { kind?: string; url?: string };
      if (message.kind === 'serving') resolve(message.url!);
    });
  });
  const failed = ended.then((code): never => {
    throw new Error(`The server ended with ${code} before it listened: ${errors}`);
  });
  failed.catch(() => {});
  return Promise.race([serving, failed]);
}
