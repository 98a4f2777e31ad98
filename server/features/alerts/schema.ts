/** Something that needs a person's attention. Repeats of the same thing are one row. */
export interface AlertsTable {
  id: string;
  org_id: string | null;
  project_id: string | null;
  kind: string;
  severity: 'info' | 'warning' | 'critical';
  /** What makes two alerts the same; unique. */
  repeat_key: string;
  message: string;
  /** JSON object; never a secret. */
  details: string;
  count: number;
  first_at: number;
  last_at: number;
  resolved_at: number | null;
  resolved_by: string | null;
}

declare module '../../db/tables.ts' {
  interface StateTables {
    alerts: AlertsTable;
  }
}
