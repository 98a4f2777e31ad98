import type { TamperFlag } from './schema.ts';

/** A response that is ready to be sent. */
export interface PullAnswer {
  readonly status: 200 | 304;
  readonly headers: Record<string, string>;
  /** Undefined for a 304. */
  readonly body: Buffer | undefined;
}

/** A bundle ready to be sent. */
export interface LiveBundle {
  readonly state: 'live';
  readonly bytes: Buffer;
  /** The JSON text inside, for machines that receive it without the envelope. */
  readonly payload: Buffer;
  readonly digest: string;
  readonly keyVersion: number;
  readonly policyVersion: number;
  readonly builtAt: number;
  /** Of the stored row; another one means that something newer is there. */
  readonly revision: number;
  /** The answer to a client that has something else. */
  readonly full: PullAnswer;
  /** The answer to a client that has it. */
  readonly unchanged: PullAnswer;
}

/** Nothing is published: never provisioned, or withdrawn. */
export interface NoBundle {
  readonly state: 'nothing';
  readonly withdrawn: boolean;
  readonly revision: number;
}

/** The stored build does not fit its signature or digest. */
export interface TamperedBundle {
  readonly state: 'tampered';
  readonly flag: TamperFlag;
  readonly revision: number;
}

/** What there is to send to the machines of a project. */
export type LiveState = LiveBundle | NoBundle | TamperedBundle;
