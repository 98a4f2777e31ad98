import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { Databases } from '../db/open.ts';
import { actorId } from './actor.ts';
import type { Clock } from './clock.ts';
import { conflict, invalid, unprocessable } from './errors.ts';
import { listOf } from './hook-list.ts';

/** Seals answers at rest; the keyring of the appliance does. */
export interface AnswerSeal {
  seal(label: string, rowId: string, plaintext: Uint8Array): Buffer;
  open(label: string, rowId: string, sealed: Uint8Array): Buffer;
}

const LABEL = 'kernel.idempotent-answer';
const KEPT_MILLISECONDS = 24 * 3_600_000;
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Repeats the first answer of a request for the same `Idempotency-Key`, caller, route and body, for 24 hours.
 * The same key with another body is refused. Answers that carry a secret are not kept: their repeat is told so.
 */
export class Idempotency {
  private readonly databases: Databases;
  private readonly clock: Clock;
  private readonly answers: AnswerSeal;

  constructor(databases: Databases, clock: Clock, answers: AnswerSeal) {
    this.databases = databases;
    this.clock = clock;
    this.answers = answers;
  }

  /** Adds the hooks to a route that declares `idempotent`. */
  guard(route: RouteOptions): void {
    const secret = route.config?.secretBody === true;
    const before = async (request: FastifyRequest, reply: FastifyReply) => this.before(request, reply, secret);
    const after = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
      await this.after(request, reply, payload, secret);
      return payload;
    };
    route.preHandler = [before, ...listOf(route.preHandler)];
    route.onSend = [...listOf(route.onSend), after];
  }

  private async before(
    request: FastifyRequest,
    reply: FastifyReply,
    secret: boolean,
  ): Promise<FastifyReply | undefined> {
    const claim = claimOf(request);
    if (claim === null) return undefined;
    const now = this.clock.now();
    const known = await this.databases.state.write(async (trx) => {
      await trx.deleteFrom('idempotency_keys').where('expires_at', '<=', now).execute();
      const row = { ...claim, status: null, body: null, created_at: now, expires_at: now + KEPT_MILLISECONDS };
      const inserted = await trx
        .insertInto('idempotency_keys')
        .values(row)
        .onConflict((keys) => keys.columns(['scope', 'key']).doNothing())
        .executeTakeFirst();
      if (Number(inserted.numInsertedOrUpdatedRows ?? 0) > 0) return null;
      return trx
        .selectFrom('idempotency_keys')
        .selectAll()
        .where('scope', '=', claim.scope)
        .where('key', '=', claim.key)
        .executeTakeFirstOrThrow();
    });
    if (known === null) {
      request.idempotent = claim;
      return undefined;
    }
    if (known.request_hash !== claim.request_hash)
      throw unprocessable(
        'IDEMPOTENCY_KEY_REUSED',
        'This Idempotency-Key was used with another body. Send a new key for a new request.',
      );
    if (known.status === null)
      throw conflict(
        'IDEMPOTENCY_UNDECIDED',
        'The first request with this Idempotency-Key has not been answered. Wait, then look whether its change is there before you send a new key.',
      );
    if (secret || known.body === null)
      throw conflict(
        'IDEMPOTENCY_ANSWER_NOT_KEPT',
        'The request with this Idempotency-Key was carried out. Its answer held a secret and is not kept; make a new one if it was lost.',
      );
    const body = this.answers.open(LABEL, `${claim.scope} ${claim.key}`, known.body);
    return reply
      .code(known.status)
      .header('idempotent-replayed', 'true')
      .type('application/json; charset=utf-8')
      .send(body.toString('utf8'));
  }

  private async after(request: FastifyRequest, reply: FastifyReply, payload: unknown, secret: boolean): Promise<void> {
    const claim = request.idempotent;
    if (claim === null) return;
    const done = reply.statusCode < 400;
    const text = typeof payload === 'string' ? payload : '';
    const body = done && !secret ? this.answers.seal(LABEL, `${claim.scope} ${claim.key}`, Buffer.from(text)) : null;
    await this.databases.state.write(async (trx) => {
      const mine = { scope: claim.scope, key: claim.key };
      if (done)
        await trx
          .updateTable('idempotency_keys')
          .set({ status: reply.statusCode, body })
          .where('scope', '=', mine.scope)
          .where('key', '=', mine.key)
          .execute();
      else
        await trx.deleteFrom('idempotency_keys').where('scope', '=', mine.scope).where('key', '=', mine.key).execute();
    });
  }
}

/** A request under a key: who asks where, and what. */
export interface IdempotencyClaim {
  scope: string;
  key: string;
  request_hash: string;
}

function claimOf(request: FastifyRequest): IdempotencyClaim | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !KEY.test(key))
    throw invalid('The Idempotency-Key header must be 1 to 255 visible ASCII characters.');
  const scope = `${actorId(request.actor)} ${request.method} ${request.url.split('?', 1)[0]}`;
  return {
    scope,
    key,
    request_hash: createHash('sha256')
      .update(request.rawBody ?? Buffer.alloc(0))
      .digest('hex'),
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The claim that this request holds; null without a key, and for repeats. */
    idempotent: IdempotencyClaim | null;
  }
}
