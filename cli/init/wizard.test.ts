import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../server/kernel/config/env-file.ts';
import { Czctl } from '../testing/czctl.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

/** A terminal in which one command runs; tmux plays the terminal. */
class Terminal {
  private readonly socket: string;

  constructor(folder: string, command: string) {
    this.socket = join(folder, `tmux-${Math.random().toString(36).slice(2)}`);
    this.tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '180',
      '-y',
      '60',
      `${command}; echo "ended with $?"; sleep 60`,
    );
  }

  /** What stands on the screen once it shows the text. */
  async shows(text: string): Promise<string> {
    for (let look = 0; look < 400; look += 1) {
      const screen = this.tmux('capture-pane', '-p', '-e');
      if (plain(screen).includes(text)) return screen;
      await pause(50);
    }
    throw new Error(`The terminal never showed ${JSON.stringify(text)}, but:\n${this.tmux('capture-pane', '-p')}`);
  }

  type(text: string): void {
    if (text !== '') this.tmux('send-keys', '-l', text);
    this.tmux('send-keys', 'Enter');
  }

  erase(characters: number): void {
    this.tmux('send-keys', '-N', String(characters), 'BSpace');
  }

  interrupt(): void {
    this.tmux('send-keys', 'C-c');
  }

  close(): void {
    this.tmux('kill-server');
  }

  private tmux(...args: string[]): string {
    return spawnSync('tmux', ['-S', this.socket, ...args], { encoding: 'utf8' }).stdout;
  }
}

/** The screen without colours. */
function plain(screen: string): string {
  return screen.replace(/\x1b\[[0-9;]*m/g, '');
}

describe.skipIf(!hasTmux)('the wizard of czctl init at a terminal (needs tmux)', () => {
  let czctl: Czctl;
  const terminals: Terminal[] = [];
  beforeAll(() => {
    czctl = new Czctl();
  });
  afterAll(async () => {
    for (const terminal of terminals) terminal.close();
    await czctl.discard();
  });

  function wizard(home: string, flags: string, environment = ''): Terminal {
    const settings = `PATH="$PATH" HOME=${czctl.folder} LANG=C.UTF-8 TERM=xterm-256color ${environment}`;
    const terminal = new Terminal(
      czctl.folder,
      `env -i ${settings} ${process.execPath} ${czctl.launcher} init --dir ${home} ${flags}`,
    );
    terminals.push(terminal);
    return terminal;
  }

  it('asks in its order, refuses bad answers, shows the recovery key once and wants its end typed', async () => {
    const home = czctl.path();
    const terminal = wizard(home, '--tls off');
    await terminal.shows('Domain (controlzero.local)');
    terminal.type('not a name');
    await terminal.shows('must be a host name');
    terminal.erase('not a name'.length);
    terminal.type('control.example.com');
    await terminal.shows('License key (empty: 14-day trial)');
    terminal.type('');
    await terminal.shows('Master key passphrase');
    terminal.type('');
    await terminal.shows('Session signing secret');
    terminal.type('');
    await terminal.shows('Admin e-mail addresses');
    terminal.type('ada@example.com');
    await terminal.shows('AUTH_MODE (self-managed)');
    terminal.type('');
    await terminal.shows('Port (8443)');
    terminal.type('0');
    await terminal.shows('Trusted proxy networks');
    terminal.type('');
    await terminal.shows('PostgreSQL URL');
    terminal.type('');
    await terminal.shows('Mail server URL');
    terminal.type('');
    await terminal.shows('Registration (open, invite, closed) (invite)');
    terminal.type('');
    const screen = plain(await terminal.shows('Type its last 6 characters'));
    const identity = /AGE-SECRET-KEY-1[0-9A-Z]+/.exec(screen)![0];
    expect(existsSync(join(home, '.env'))).toBe(false);
    terminal.type('WRONG1');
    await terminal.shows('That is not how the recovery key ends');
    terminal.erase(6);
    terminal.type(identity.slice(-6).toLowerCase());
    const done = await terminal.shows('ended with 0');
    expect(plain(done)).toContain('Set-up link of ada@example.com');
    expect(done).toContain('\u001b[32m');
    expect(existsSync(join(home, 'recovery-key.txt'))).toBe(false);
    const env = readFileSync(join(home, '.env'), 'utf8');
    expect(env).not.toContain(identity);
    expect(parseEnvFile(env)).toMatchObject({ CZ_HOSTNAME: 'control.example.com', CZ_ADMIN_EMAILS: 'ada@example.com' });
  }, 60_000);

  it('leaves nothing when it is interrupted at a question', async () => {
    const home = czctl.path();
    const terminal = wizard(home, '');
    await terminal.shows('Domain');
    terminal.interrupt();
    await terminal.shows('ended with 8');
    expect(existsSync(home)).toBe(false);
  }, 60_000);

  it('leaves nothing when the recovery key is not confirmed', async () => {
    const home = czctl.path();
    const answers =
      '--hostname localhost --tls off --port 0 --license-key "" --master-passphrase "" --jwt-secret "" --admin-emails a@example.com --auth-mode self-managed --trusted-proxies "" --database-url "" --smtp-url "" --registration open';
    const terminal = wizard(home, answers, 'NO_COLOR=1');
    const screen = await terminal.shows('Type its last 6 characters');
    expect(screen).not.toContain('\u001b[33m');
    terminal.interrupt();
    await terminal.shows('ended with 8');
    expect(existsSync(home)).toBe(false);
  }, 60_000);

  it('asks before it changes a deployment that is there, and takes Enter for no', async () => {
    const { home } = await czctl.quickstart();
    const before = readFileSync(join(home, '.env'), 'utf8');
    const terminal = wizard(home, '--hostname new.example.com');
    await terminal.shows('Keys and data stay');
    terminal.type('');
    await terminal.shows('ended with 7');
    expect(readFileSync(join(home, '.env'), 'utf8')).toBe(before);
  }, 60_000);
});
