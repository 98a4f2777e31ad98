import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PASSWORD } from '../people.ts';
import type { Random } from '../sdk/random.ts';
import { BuiltCzctl, type StartingDeployment } from '../tour/built-czctl.ts';
import { followLink } from '../tour/visitor.ts';
import { PatientClient } from './patient-client.ts';

/** Nobody is slowed down here: the writers are to meet the kills, not the limits. */
const SETTINGS = [
  'CZ_RATE_IP',
  'CZ_RATE_KEY',
  'CZ_RATE_BUNDLE',
  'CZ_RATE_INGEST',
  'CZ_RATE_SESSION',
  'CZ_RATE_FAILURES',
];

/** A project with its keys: a live one for SDKs and audit, and one that receives the test bundle. */
export interface ServedProject {
  readonly id: string;
  readonly live: PatientClient;
  readonly test: PatientClient;
}

/** A deployment of the built program whose server is killed again and again. */
export class DoomedDeployment {
  readonly home: string;
  readonly url: string;
  /** The admin, signed in; the session outlives every server. */
  readonly admin: PatientClient;
  readonly projects: readonly ServedProject[];
  private readonly czctl: BuiltCzctl;
  private server: StartingDeployment;

  private constructor(parts: {
    czctl: BuiltCzctl;
    home: string;
    url: string;
    admin: PatientClient;
    projects: readonly ServedProject[];
    server: StartingDeployment;
  }) {
    this.czctl = parts.czctl;
    this.home = parts.home;
    this.url = parts.url;
    this.admin = parts.admin;
    this.projects = parts.projects;
    this.server = parts.server;
  }

  /** Initializes and serves it, with two projects; on PostgreSQL where a database is named. */
  static async start(databaseUrl?: string): Promise<DoomedDeployment> {
    const czctl = new BuiltCzctl();
    const home = czctl.home('deployment');
    const { setup_links } = await czctl.quickstart(
      home,
      databaseUrl === undefined ? [] : ['--database-url', databaseUrl],
    );
    appendFileSync(path.join(home, '.env'), SETTINGS.map((name) => `${name}=100000000\n`).join(''));
    const server = czctl.begin(home);
    const url = await server.listening;
    const { email, url: link } = setup_links[0]!;
    await followLink(link, { name: 'Ada', new_password: PASSWORD });
    const admin = await signIn(url, email);
    const { body: orgs } = await admin.insist({ method: 'GET', path: '/api/orgs' });
    const projects = [
      await openProject(url, admin, orgs.orgs[0].id, 'one'),
      await openProject(url, admin, orgs.orgs[0].id, 'other'),
    ];
    return new DoomedDeployment({ czctl, home, url, admin, projects, server });
  }

  /** Kills the server with SIGKILL and waits until it is gone. */
  async kill(): Promise<void> {
    await this.server.stop('SIGKILL');
  }

  /** Starts the next server, which may be killed while it starts, and the next one then; answers how many were. */
  async restart(random: Random): Promise<number> {
    let killed = 0;
    for (;;) {
      this.server = this.czctl.begin(this.home);
      if (!random.chance(0.25)) break;
      await pause(random.between(50, 400));
      await this.kill();
      killed += 1;
    }
    await this.server.listening;
    return killed;
  }

  async discard(): Promise<void> {
    await this.czctl.discard();
  }
}

async function signIn(origin: string, email: string): Promise<PatientClient> {
  const visitor = new PatientClient(origin, {});
  const login = await visitor.insist({ method: 'POST', path: '/auth/login', body: { email, password: PASSWORD } });
  const authorization = `Bearer ${login.body.token}`;
  const csrf = await new PatientClient(origin, { authorization }).insist({ method: 'GET', path: '/api/csrf-token' });
  return new PatientClient(origin, { authorization, 'x-csrf-token': csrf.body.csrf_token });
}

async function openProject(origin: string, admin: PatientClient, orgId: string, name: string): Promise<ServedProject> {
  const made = await admin.insist({ method: 'POST', path: `/api/orgs/${orgId}/projects`, body: { name } });
  const { id } = made.body;
  const client = async (mode: 'live' | 'test') => {
    const body = { name: `${mode} key`, mode, scopes: ['read', 'write'] };
    const { body: key } = await admin.insist({ method: 'POST', path: `/api/projects/${id}/api-keys`, body });
    return new PatientClient(origin, { authorization: `Bearer ${key.key}` });
  };
  return { id, live: await client('live'), test: await client('test') };
}
