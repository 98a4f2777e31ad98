/** One row once the trial has begun; a trial happens once per data directory. */
export interface TrialTable {
  /** Always 1. */
  id: number;
  started_at: number;
  ends_at: number;
}

/** License texts that an operator installed. */
export interface InstalledLicensesTable {
  license_id: string;
  license_text: string;
  installed_at: number;
  installed_by: string;
}

/** What this deployment issued for others; the texts themselves are not kept. */
export interface IssuedLicensesTable {
  license_id: string;
  customer: string;
  tier: string;
  seats: number | null;
  issued_at: number;
  expires_at: number;
  issued_by: string;
  /** The signed payload as JSON. */
  payload: string;
}

/** This deployment's own issuer key. Its licenses are for others and never accepted here. */
export interface LicenseIssuerTable {
  /** Always 1. */
  id: number;
  kid: string;
  public_key: Buffer;
  /** Sealed `license.issuer-seed`. */
  seed: Buffer;
  created_at: number;
}

declare module '../../db/tables.ts' {
  interface StateTables {
    trial: TrialTable;
    installed_licenses: InstalledLicensesTable;
    issued_licenses: IssuedLicensesTable;
    license_issuer: LicenseIssuerTable;
  }
}
