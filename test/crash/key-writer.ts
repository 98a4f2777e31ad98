import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../sdk/random.ts';
import type { PatientClient } from './patient-client.ts';

/** A key as its owner knows it. */
export interface KnownKey {
  readonly id: string;
  readonly name: string;
  /** Null when the answer that showed it was lost. */
  readonly text: string | null;
  revoked: boolean;
}

/** Creates API keys and revokes some of them; one after the other, each until its outcome is known. */
export class KeyWriter {
  readonly projectId: string;
  readonly keys: KnownKey[] = [];
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
      const name = `${this.name}-${this.keys.length + 1}`;
      const key = await this.create(name);
      this.keys.push(key);
      // A key whose text was lost is of no use to anybody.
      if (key.text === null || this.random.chance(0.3)) await this.revoke(key);
      await pause(this.random.between(0, 20));
    }
  }

  private async create(name: string): Promise<KnownKey> {
    const body = { name, scopes: ['read'] };
    for (;;) {
      this.requests += 1;
      const headers = { 'idempotency-key': `${this.name}-${this.requests}` };
      const { status, body: answer, repeated } = await this.client.insist({ ...this.at('POST'), body, headers });
      if (status === 201) return { id: answer.id, name, text: answer.key, revoked: false };
      const told = ['IDEMPOTENCY_UNDECIDED', 'IDEMPOTENCY_ANSWER_NOT_KEPT'].includes(answer.code);
      if (status !== 409 || !told || !repeated) {
        throw new Error(`Unexpected while creating a key: ${status} ${JSON.stringify(answer)}`);
      }
      const stored = await this.find(name);
      if (stored !== undefined) return { id: stored, name, text: null, revoked: false };
      if (answer.code === 'IDEMPOTENCY_ANSWER_NOT_KEPT') throw new Error(`The key ${name} was made and is not there.`);
    }
  }

  private async revoke(key: KnownKey): Promise<void> {
    const { status, body, repeated } = await this.client.insist(this.at('DELETE', `/${key.id}`));
    if (status !== 204 && !(status === 409 && repeated)) {
      throw new Error(`Unexpected while revoking a key: ${status} ${JSON.stringify(body)}`);
    }
    key.revoked = true;
  }

  private async find(name: string): Promise<string | undefined> {
    // The newest come first, and this writer waits for one key at a time.
    const { body } = await this.client.insist(this.at('GET', '?limit=20'));
    return body.api_keys.find((key: { name: string }) => key.name === name)?.id;
  }

  private at(method: string, rest = ''): { method: string; path: string } {
    return { method, path: `/api/projects/${this.projectId}/api-keys${rest}` };
  }
}
