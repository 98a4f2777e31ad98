declare module '../../db/tables.ts' {
  interface StateTables {
    tamper_alerts: TamperAlertsTable;
  }
}

declare module '../../kernel/events.ts' {
  interface DomainEvents {
    /** An SDK reported tampering: for the first time, or again after an hour of silence. */
    'tamper.reported': {
      orgId: string;
      projectId: string;
      alertId: string;
      /** The machine that signed the report; null for a report that came with an API key. */
      machineId: string | null;
      source: string | null;
      at: number;
    };
  }
}

/** What SDKs found on their machines. The same report of the same machine is one row. */
export interface TamperAlertsTable {
  id: string;
  org_id: string;
  project_id: string;
  /** Digest of what makes two reports the same. */
  repeat_key: string;
  reporter_kind: 'api-key' | 'machine';
  /** Id of the key or machine. */
  reporter_id: string;
  /** The signing machine, else what the body claims. */
  machine_id: string | null;
  hostname: string | null;
  source: string | null;
  reason: string | null;
  bundle_hash: string | null;
  /** JSON, cut where it is too large. */
  details: string;
  count: number;
  first_seen_at: number;
  last_seen_at: number;
}
