import type { AuditRedaction } from '../../orgs/settings.ts';
import type { QuarantineReason } from '../schema.ts';

/** A data key of an organization, opened. */
export interface DataKey {
  readonly version: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** Who delivers a batch and what is to be done with it. */
export interface IngestContext {
  readonly orgId: string;
  readonly projectId: string;
  readonly keyId: string | null;
  readonly machineId: string | null;
  readonly test: boolean;
  /** The organization's projects under both of their ids, by which a row's own claim is judged. */
  readonly orgProjects: readonly { readonly id: string; readonly publicId: string }[];
  readonly redaction: AuditRedaction;
  readonly dataKey: DataKey;
  readonly receivedAt: number;
  readonly requestorEmail: string | null;
  readonly traceId: string | null;
  readonly skewMs: number | null;
  /** Whether the answer shall name every row. */
  readonly verbose: boolean;
}

/** Who delivers, whatever the rows say. */
export type Deliverer = Pick<IngestContext, 'orgId' | 'projectId' | 'keyId' | 'machineId' | 'test'>;

/** A batch as it came over the wire. */
export interface IngestPayload {
  readonly body: Uint8Array;
  readonly context: IngestContext;
}

/** What became of one row. */
export interface RowResult {
  readonly index: number;
  readonly id: string | null;
  readonly status: 'accepted' | 'dropped' | 'rejected';
  readonly reason?: QuarantineReason;
}

/** What became of a batch. */
export interface IngestResult {
  /** Why the batch is none; nothing was stored then. */
  readonly problem?: 'not_json' | 'no_entries' | 'too_many_entries';
  readonly accepted: number;
  readonly rejected: number;
  readonly dropped: number;
  /** Decisions about calls among the accepted rows. */
  readonly guardedCalls: number;
  /** Ids that came with content other than what is stored under them; the first hundred. */
  readonly conflicts: readonly string[];
  /** How many rows were put aside, by reason. */
  readonly quarantined: Readonly<Partial<Record<QuarantineReason, number>>>;
  /** SDKs that named themselves in accepted rows. */
  readonly sdks: readonly { readonly name: string; readonly version: string }[];
  /** Only when asked for. */
  readonly results?: readonly RowResult[];
}
