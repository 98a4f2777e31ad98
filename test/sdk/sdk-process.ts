import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A call that the SDK is asked to judge. */
export interface SdkCall {
  tool: string;
  method?: string;
  args?: Record<string, unknown>;
  resource?: string;
  client_name?: string;
}

/** What the SDK decided. */
export interface SdkDecision {
  effect: string;
  policy_id: string | null;
  reason: string;
  reason_code: string;
  masked_args: unknown;
}

/** How a command of the SDK's own command line ended. */
export interface CommandEnd {
  code: number;
  stdout: string;
  stderr: string;
}

/** Thrown where the SDK threw. */
export class SdkError extends Error {
  override readonly name: string;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** A user of the published SDK with a home directory of his own: commands, and one Python process with clients in it. */
export class SdkUser {
  readonly home: string;
  private readonly python: string;
  readonly variables: Record<string, string>;
  private driver: ChildProcess | undefined;
  private readonly waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  private errors = '';

  constructor(python: string, home: string, variables: Record<string, string>) {
    this.python = python;
    this.home = home;
    this.variables = variables;
    mkdirSync(home, { recursive: true });
  }

  /** Constructs a client under a name. Throws `SdkError` where the SDK refuses. */
  async open(client: string, key: string, options: { refreshSeconds?: number } = {}): Promise<void> {
    const log = path.join(this.home, `${client}.log`);
    await this.ask('open', {
      client,
      key,
      log,
      ...(options.refreshSeconds === undefined ? {} : { refresh_seconds: options.refreshSeconds }),
    });
  }

  /** Judges one call. */
  async guard(client: string, call: SdkCall): Promise<SdkDecision> {
    return (await this.guardAll(client, [call]))[0]!;
  }

  /** Judges calls one after another. */
  guardAll(client: string, calls: readonly SdkCall[]): Promise<SdkDecision[]> {
    return this.ask('guard', { client, calls }) as Promise<SdkDecision[]>;
  }

  /** Pulls now; true when the policy changed. */
  refresh(client: string): Promise<boolean> {
    return this.ask('refresh', { client }) as Promise<boolean>;
  }

  /** Guards `step-<from>` … `step-<until - 1>` in the background, `pause` seconds apart. */
  async startBurst(
    client: string,
    burst: { from: number; until: number; tool: string; pause?: number },
  ): Promise<void> {
    await this.ask('start burst', { client, ...burst });
  }

  /** Waits for the background calls. */
  async finishBurst(client: string): Promise<void> {
    await this.ask('finish burst', { client });
  }

  /** Closes a client as a program does at its end. */
  async closeClient(client: string): Promise<void> {
    await this.ask('close', { client });
  }

  /** Runs `controlzero …`; a failure is an exit code. */
  command(
    args: readonly string[],
    { variables = {} }: { variables?: Record<string, string> } = {},
  ): Promise<CommandEnd> {
    return this.run(this.python, ['-m', 'controlzero', ...args], '', variables);
  }

  /** Delivers everything that is in the spool with a key, and says how many rows that were. Throws when not all of it went. */
  async flush(key: string): Promise<number> {
    const { code, stdout, stderr } = await this.command(['spool', 'flush'], {
      variables: { CONTROLZERO_API_KEY: key },
    });
    const [, status, sent] = /^status=(drained|empty) sent=(\d+) quarantined=0 /.exec(stdout) ?? [];
    if (code !== 0 || status === undefined) throw new Error(`spool flush ended with ${code}: ${stdout}${stderr}`);
    return Number(sent);
  }

  /** Runs a line of shell that reads JSON from its standard input. */
  shell(line: string, input: unknown): Promise<CommandEnd> {
    return this.run('/bin/sh', ['-c', line], JSON.stringify(input), {});
  }

  /** Writes a file below the home directory. */
  write(name: string, text: string): string {
    const file = path.join(this.home, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Ends the Python process; what its clients hold in memory is gone, as when a program is killed. */
  async end(): Promise<void> {
    const { driver } = this;
    if (driver === undefined || driver.exitCode !== null || driver.signalCode !== null) return;
    await new Promise((resolve) => {
      driver.once('exit', resolve);
      driver.kill('SIGKILL');
    });
    this.driver = undefined;
  }

  private run(program: string, args: readonly string[], input: string, variables: Record<string, string>) {
    return new Promise<CommandEnd>((resolve, reject) => {
      const options = { env: { ...this.environment(), ...variables }, cwd: this.home, timeout: 60_000 };
      const child = execFile(program, [...args], options, (error, stdout, stderr) => {
        if (error !== null && typeof error.code !== 'number') reject(error);
        else resolve({ code: error === null ? 0 : (error.code as number), stdout, stderr });
      });
      child.stdin?.end(input);
    });
  }

  private async ask(operation: string, members: Record<string, unknown>): Promise<unknown> {
    const driver = this.started();
    const line = await new Promise<string>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      driver.stdin?.write(`${JSON.stringify({ do: operation, ...members })}\n`);
    });
    const answer = JSON.parse(line) as { answer?: unknown; error?: string; message?: string };
    if (answer.error !== undefined) throw new SdkError(answer.error, answer.message ?? '');
    return answer.answer;
  }

  private started(): ChildProcess {
    if (this.driver !== undefined) return this.driver;
    const driver = spawn(this.python, [path.join(import.meta.dirname, 'driver.py')], {
      env: this.environment(),
      cwd: this.home,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    createInterface({ input: driver.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      this.waiting.shift()?.resolve(line),
    );
    driver.stderr?.on('data', (chunk: Buffer) => {
      this.errors = (this.errors + chunk.toString()).slice(-3000);
    });
    driver.once('exit', () => {
      for (const waiter of this.waiting.splice(0)) waiter.reject(new Error(`the SDK process ended: ${this.errors}`));
    });
    this.driver = driver;
    return driver;
  }

  private environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.home,
      LANG: 'C.UTF-8',
      CONTROLZERO_SPOOL_KEYCHAIN_DISABLE: '1',
      ...this.variables,
    };
  }
}
