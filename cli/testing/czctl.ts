import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyBuild } from '../../test/built-program.ts';

/** What a command printed and how it ended; the code is null when a signal ended it. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Added to an environment that holds nothing of the machine's own settings. */
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
}

/** A command that still runs. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with all of the output so far when it matches; rejects when the command ends before. */
  printed(pattern: RegExp): Promise<string>;
}

/** The built command line in a temporary folder of its own, run as a person or a script runs it. */
export class Czctl {
  readonly folder = mkdtempSync(join(tmpdir(), 'cz-cli-'));
  readonly launcher = join(this.folder, 'program', 'bin', 'czctl');
  private readonly running = new Set<ChildProcess>();
  private homes = 0;

  constructor() {
    copyBuild(join(this.folder, 'program'));
  }

  /** A path below the temporary folder that does not exist yet. */
  path(name = `home-${++this.homes}`): string {
    return join(this.folder, name);
  }

  /** Runs a command to its end. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Runs a command that must succeed with `--json`, and reads its one document. */
  async json<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], options);
    if (code !== 0) throw new Error(`czctl ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** A deployment made by `init --quickstart`, on a port that the system chooses. */
  async quickstart(): Promise<{ home: string; report: QuickstartReport }> {
    const home = this.path();
    const report = await this.json<QuickstartReport>(['init', '--quickstart', '--dir', home, '--port', '0']);
    return { home, report };
  }

  /** Starts a command. */
  start(args: readonly string[], { env = {}, stdin, cwd = this.folder }: RunOptions = {}): Started {
    const child = spawn(process.execPath, [this.launcher, ...args], { cwd, env: this.environment(env) });
    this.running.add(child);
    let stdout = '';
    let stderr = '';
    let look = () => {};
    child.stdout.on('data', (part: Buffer) => {
      stdout += part.toString();
      look();
    });
    child.stderr.on('data', (part: Buffer) => {
      stderr += part.toString();
      look();
    });
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    const ended = new Promise<Ended>((resolve) =>
      child.once('close', (code) => {
        this.running.delete(child);
        resolve({ code, stdout, stderr });
      }),
    );
    const printed = (pattern: RegExp) =>
      new Promise<string>((resolve, reject) => {
        look = () => {
          if (pattern.test(stdout + stderr)) resolve(stdout + stderr);
        };
        look();
        void ended.then(() => reject(new Error(`The command ended before it printed ${pattern}: ${stdout}${stderr}`)));
      });
    return { child, ended, printed };
  }

  /** Starts the server of a directory and waits until it listens. */
  async serve(home: string, env: Record<string, string> = {}): Promise<Started & { url: string }> {
    const started = this.start(['serve', '--dir', home, '--json'], { env });
    const printed = await started.printed(/"kind":"serving".*\n/);
    return { ...started, url: /"url":"([^"]+)"/.exec(printed.slice(printed.indexOf('"kind":"serving"')))![1]! };
  }

  /** The environment of every command. */
  environment(added: Record<string, string> = {}): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.folder, LANG: 'C.UTF-8', ...added };
  }

  /** Ends what still runs and removes everything. */
  async discard(): Promise<void> {
    await Promise.all(
      [...this.running].map(
        (child) =>
          new Promise((resolve) => {
            child.once('close', resolve);
            child.kill('SIGKILL');
          }),
      ),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What `czctl init --quickstart --json` reports. */
export interface QuickstartReport {
  version: number;
  kind: string;
  home: string;
  url: string;
  license: { status: string; tier: string; expires_at: string };
  setup_links: { email: string; url: string; expires_at: string }[];
  quickstart: { project_id: string; api_url: string; api_key: string };
  preflight: { id: string; verdict: string }[];
}
