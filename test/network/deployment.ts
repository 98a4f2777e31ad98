import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answers, QUESTIONS } from '../../cli/init/answers.ts';
import { writeDeploymentFiles } from '../../cli/init/files.ts';
import { PATHS } from '../../server/deployment.ts';
import { createLog, type Log } from '../../server/kernel/logging.ts';
import { type RunningServer, serve } from '../../server/main.ts';

/** A deployment directory as `init` makes it, served on a free port of the loopback. */
export interface TestDeployment {
  readonly home: string;
  /** With the address 127.0.0.1, whatever name the deployment has. */
  readonly url: string;
  /** Its private authority (PEM). */
  readonly ca: string;
  readonly server: RunningServer;
  /** Stops the server and removes the directory. */
  discard(): Promise<void>;
}

/** Makes and serves a deployment; `settings` by their environment names. */
export async function serveDeployment(
  options: { tls?: 'init' | 'off'; settings?: Record<string, string>; log?: Log } = {},
): Promise<TestDeployment> {
  const home = mkdtempSync(join(tmpdir(), 'cz-net-'));
  const standard = Object.fromEntries(QUESTIONS.map(({ name, quickstart }) => [name, quickstart])) as Answers;
  await writeDeploymentFiles(home, { ...standard, tls: options.tls ?? 'off', port: '0' }, true, Date.now());
  const server = await serve({
    home,
    log: options.log ?? createLog('silent'),
    environment: { CZ_BIND: '127.0.0.1', ...options.settings },
  });
  return {
    home,
    server,
    url: server.url.replace('//localhost', '//127.0.0.1'),
    ca: readFileSync(join(home, PATHS.certificates, 'ca.pem'), 'utf8'),
    discard: async () => {
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
