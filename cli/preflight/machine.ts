import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { readBuildInfo } from '../../server/version.ts';
import type { Check, Finding } from './check.ts';

const GIGABYTE = 1_000_000_000;
const FIVE_MINUTES = 300_000;

const diskSpace: Check = {
  id: 'disk-space',
  title: 'Free disk space (10 GB)',
  run: ({ home }) => {
    const { bavail, bsize } = statfsSync(existing(home));
    const free = bavail * bsize;
    return judge(
      free >= 10 * GIGABYTE,
      `${(free / GIGABYTE).toFixed(1)} GB free`,
      `Free some space on the file system of ${home}, or choose another directory with --dir.`,
    );
  },
};

const memory: Check = {
  id: 'memory',
  title: 'Memory (4 GB)',
  run: () =>
    judge(
      totalmem() >= 3.8 * GIGABYTE,
      `${(totalmem() / GIGABYTE).toFixed(1)} GB`,
      'Give the machine at least 4 GB of memory.',
    ),
};

const cpuCores: Check = {
  id: 'cpu-cores',
  title: 'CPU cores (2)',
  run: () =>
    judge(
      availableParallelism() >= 2,
      `${availableParallelism()} cores`,
      'Give the machine at least 2 cores; password checks would slow other work down on one.',
    ),
};

const nodeVersion: Check = {
  id: 'node-version',
  title: 'Node.js (20.19 or newer)',
  run: () => {
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    return judge(major > 20 || (major === 20 && minor >= 19), process.versions.node, 'Install Node.js 20.19 or newer.');
  },
};

const portAvailability: Check = {
  id: 'port-availability',
  title: 'The port is free',
  run: async ({ bind, port, serving }) => {
    if (serving) return { verdict: 'pass', found: `${port} is served by this appliance` };
    const problem = await tryListen(bind, port);
    return judge(
      problem === null,
      problem ?? `${port} free`,
      `Stop what uses port ${port}, or choose another one: czctl config set CZ_PORT 9443.`,
    );
  },
};

const filePermissions: Check = {
  id: 'file-permissions',
  title: 'The directory is writable',
  run: ({ home }) => {
    try {
      accessSync(existing(home), constants.W_OK | constants.X_OK);
      return { verdict: 'pass', found: home };
    } catch {
      return {
        verdict: 'fail',
        found: `${home} is not writable`,
        advice: `Run as the owner of ${home}, or choose another directory with --dir.`,
      };
    }
  },
};

const clockSync: Check = {
  id: 'clock-sync',
  title: 'The clock is within 5 minutes of UTC',
  run: async ({ now }) => {
    const built = Date.parse(readBuildInfo().date);
    if (!Number.isNaN(built) && now < built - FIVE_MINUTES) {
      return {
        verdict: 'fail',
        found: `the clock says ${new Date(now).toISOString()}, before this build was made`,
        advice: 'Set the clock; certificates, signatures and licenses depend on it.',
      };
    }
    const { execa } = await import('execa');
    const { stdout } = await execa('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      reject: false,
      timeout: 2_000,
    });
    if (stdout === 'yes') return { verdict: 'pass', found: 'synchronised' };
    const found = stdout === 'no' ? 'no time service keeps this clock' : 'plausible; no time service to ask';
    return {
      verdict: stdout === 'no' ? 'warn' : 'pass',
      found,
      ...(stdout === 'no' ? { advice: 'Start a time service (chrony, systemd-timesyncd), also in an air gap.' } : {}),
    };
  },
};

const dockerVersion: Check = {
  id: 'docker-version',
  title: 'Docker 24.0 or newer',
  run: ({ container }) =>
    container ? engineVersion(['version', '--format', '{{.Server.Version}}'], 24, 0) : skipped(),
};

const composeVersion: Check = {
  id: 'compose-version',
  title: 'Compose 2.20 or newer',
  run: ({ container }) => (container ? engineVersion(['compose', 'version', '--short'], 2, 20) : skipped()),
};

/** What the machine must offer, in the order of the report. */
export const MACHINE_CHECKS: readonly Check[] = [
  dockerVersion,
  composeVersion,
  nodeVersion,
  diskSpace,
  memory,
  cpuCores,
  portAvailability,
  filePermissions,
  clockSync,
];

function judge(good: boolean, found: string, advice: string): Finding {
  return good ? { verdict: 'pass', found } : { verdict: 'fail', found, advice };
}

function skipped(): Finding {
  return { verdict: 'pass', found: 'not needed outside of containers' };
}

async function engineVersion(args: string[], major: number, minor: number): Promise<Finding> {
  const { execa } = await import('execa');
  const { stdout, failed } = await execa('docker', args, { reject: false, timeout: 5_000 });
  const [foundMajor = 0, foundMinor = 0] = String(stdout ?? '')
    .replace(/^v/, '')
    .split('.')
    .map(Number);
  const good = !failed && (foundMajor > major || (foundMajor === major && foundMinor >= minor));
  return judge(
    good,
    failed ? 'does not answer' : String(stdout),
    `Install version ${major}.${minor} or newer and start its service.`,
  );
}

function tryListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(
        `${port} ${error.code === 'EADDRINUSE' ? 'is in use' : error.code === 'EACCES' ? 'needs more rights' : (error.code ?? error.message)}`,
      ),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** The directory itself, or the nearest one above it that exists. */
function existing(path: string): string {
  return existsSync(path) ? path : existing(dirname(path));
}
