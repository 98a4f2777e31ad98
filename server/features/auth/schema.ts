/** What a one-time link is for. */
export type LinkPurpose = 'setup' | 'reset' | 'verify';

export type UserStatus = 'active' | 'disabled';

declare module '../../db/tables.ts' {
  interface StateTables {
    users: UsersTable;
    sessions: SessionsTable;
    one_time_links: OneTimeLinksTable;
    platform_admins: PlatformAdminsTable;
    sign_in_failures: SignInFailuresTable;
  }
}

/** People with an account on this appliance. */
export interface UsersTable {
  id: string;
  /** Lower case, unique. */
  email: string;
  /** May be empty. */
  name: string;
  status: UserStatus;
  /** Argon2id in PHC form; null until a password was set. */
  password_hash: string | null;
  /** Null until the owner of the address has proved it; an unverified address confers nothing. */
  email_verified_at: number | null;
  created_at: number;
  updated_at: number;
  last_sign_in_at: number | null;
}

/** Signed-in browsers and programs; a session without its row does not count. */
export interface SessionsTable {
  id: string;
  user_id: string;
  created_at: number;
  /** Written in batches, so up to a minute behind. */
  last_seen_at: number;
  expires_at: number;
  ip: string | null;
  user_agent: string | null;
  /** The state's epoch at sign-in: sessions that a restore brought back do not count. */
  epoch: number;
}

/** Links that work once. */
export interface OneTimeLinksTable {
  id: string;
  /** Null for a link that nobody gets: asking for an unknown address stores as much as asking for a known one. */
  user_id: string | null;
  purpose: LinkPurpose;
  /** SHA-256 of the token. */
  digest: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
  /** The state's epoch at issue: used links that a restore brought back do not count. */
  epoch: number;
}

/** Addresses that are platform admins beside those of the configuration, once they are verified. */
export interface PlatformAdminsTable {
  email: string;
  added_at: number;
  added_by: string | null;
}

/** How often passwords were guessed, per account and per network address. */
export interface SignInFailuresTable {
  /** `account:<SHA-256 of the e-mail address>`, existing or not, or `address:<IP or IPv6 network>`. */
  subject: string;
  failures: number;
  last_failed_at: number;
  /** No attempt is taken before this time; 0 when there is nothing to wait for. */
  locked_until: number;
}
