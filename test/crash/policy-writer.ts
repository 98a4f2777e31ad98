import type { Random } from '../sdk/random.ts';
import type { PatientClient } from './patient-client.ts';

const MOST_LIVE_POLICIES = 10;

/** A policy as its author knows it from the answers that came. */
export interface KnownPolicy {
  readonly id: string;
  readonly name: string;
  /** The newest version that is known to be stored; versions count from 1 without a gap. */
  version: number;
  /** `going`: its removal was asked for. */
  state: 'live' | 'going' | 'gone';
}

/** Creates, changes and removes policies of a project; one change at a time, each until its outcome is known. */
export class PolicyWriter {
  readonly projectId: string;
  readonly policies: KnownPolicy[] = [];
  private readonly client: PatientClient;
  private readonly name: string;
  private readonly random: Random;
  private requests = 0;

  constructor(client: PatientClient, parts: { projectId: string; name: string; random: Random }) {
    this.client = client;
    this.projectId = parts.projectId;
    this.name = parts.name;
    this.random = parts.random;
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const live = this.policies.filter((policy) => policy.state === 'live');
      if (live.length < 2 || (live.length < MOST_LIVE_POLICIES && this.random.chance(0.4))) await this.create();
      else if (this.random.chance(0.3)) await this.remove(this.random.pick(live));
      else await this.update(this.random.pick(live));
    }
  }

  private async create(): Promise<void> {
    const name = `${this.name}x${this.policies.length + 1}`;
    const body = { name, note: noteOf(1), document: documentOf(name, 1), accept_older_sdk_impact: true };
    const id = await this.createOnce(name, body);
    this.policies.push({ id, name, version: 1, state: 'live' });
  }

  /** Sends a creation under an idempotency key; where that stays undecided it looks before it sends under a new one. */
  private async createOnce(name: string, body: object): Promise<string> {
    for (;;) {
      this.requests += 1;
      const headers = { 'idempotency-key': `${this.name}-${this.requests}` };
      for (;;) {
        const answer = await this.client.insist({ method: 'POST', path: this.path(), body, headers });
        if (answer.status === 201) return answer.body.id;
        if (answer.status === 409 && answer.body.code === 'CHANGED_MEANWHILE') continue;
        if (answer.status === 409 && answer.body.code === 'IDEMPOTENCY_UNDECIDED' && answer.repeated) break;
        throw unexpected('creating a policy', answer);
      }
      const stored = await this.find(name);
      if (stored !== undefined) return stored;
    }
  }

  private async update(policy: KnownPolicy): Promise<void> {
    const version = policy.version + 1;
    const body = {
      if_version: policy.version,
      note: noteOf(version),
      document: documentOf(policy.name, version),
      accept_older_sdk_impact: true,
    };
    for (;;) {
      const answer = await this.client.insist({ method: 'PATCH', path: this.path(policy.id), body });
      if (answer.status === 200) break;
      if (answer.status !== 409) throw unexpected('changing a policy', answer);
      const stored = (await this.client.insist({ method: 'GET', path: this.path(policy.id) })).body.version;
      if (stored === version && answer.repeated) break;
      if (stored !== policy.version) throw unexpected(`changing a policy that has version ${stored}`, answer);
    }
    policy.version = version;
  }

  private async remove(policy: KnownPolicy): Promise<void> {
    policy.state = 'going';
    const path = `${this.path(policy.id)}?accept_older_sdk_impact=true`;
    for (;;) {
      const answer = await this.client.insist({ method: 'DELETE', path });
      if (answer.status === 200 || (answer.status === 404 && answer.repeated)) break;
      if (answer.status !== 409) throw unexpected('removing a policy', answer);
    }
    policy.state = 'gone';
  }

  private async find(name: string): Promise<string | undefined> {
    let cursor: string | null = null;
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await this.client.insist({ method: 'GET', path: `${this.path()}?limit=100${page}` });
      const found = body.policies.find((policy: { name: string }) => policy.name === name);
      if (found !== undefined) return found.id;
      cursor = body.next_cursor;
    } while (cursor !== null);
    return undefined;
  }

  private path(id = ''): string {
    return `/api/projects/${this.projectId}/policies${id === '' ? '' : `/${id}`}`;
  }
}

/** The note by which a version is told from every other. */
export function noteOf(version: number): string {
  return `change ${version}`;
}

/** A document whose rules name policy and version, so that a bundle tells what it was built from. */
function documentOf(name: string, version: number): object {
  return {
    version: '1',
    rules: [
      { id: `no-${name}`, deny: `${toolOf(name, version)}:*`, reason: 'closed' },
      { id: `read-${name}`, allow: `${toolOf(name, version)}:read` },
    ],
  };
}

const TOOL = /^crash_(\w+)_v(\d+):/;

function toolOf(name: string, version: number): string {
  return `crash_${name}_v${version}`;
}

/** The policy and version that a pattern of a bundle names; undefined for rules that no writer wrote. */
export function writtenBy(pattern: string): { name: string; version: number } | undefined {
  const match = TOOL.exec(pattern);
  return match === null ? undefined : { name: match[1]!, version: Number(match[2]) };
}

function unexpected(what: string, { status, body }: { status: number; body: unknown }): Error {
  return new Error(`Unexpected while ${what}: ${status} ${JSON.stringify(body)}`);
}
