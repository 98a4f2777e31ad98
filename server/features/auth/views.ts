import { rfc3339 } from '../../kernel/clock.ts';
import type { UserStatus } from './schema.ts';
import type { OpenedSession, Sessions } from './sessions.ts';
import type { UserRow } from './store/users.ts';

/** An account as its owner sees it. */
export interface UserView {
  id: string;
  email: string;
  name: string;
  email_verified: boolean;
  platform_admin: boolean;
}

/** An account as operators see it. */
export interface AccountView extends UserView {
  status: UserStatus;
  has_password: boolean;
  created_at: string;
  last_sign_in_at: string | null;
}

/** What a sign-in answers. */
export interface SignedIn {
  token: string;
  token_type: 'Bearer';
  expires_at: string;
  user: UserView;
}

type Judge = Pick<Sessions, 'isPlatformAdmin'>;

/** Makes the owner's view; `onStoredList`: whether the address is on the stored list of platform admins. */
export function userView(sessions: Judge, user: UserRow, onStoredList: boolean): UserView {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    email_verified: user.email_verified_at !== null,
    platform_admin: sessions.isPlatformAdmin(user, onStoredList),
  };
}

/** Makes the operators' view. */
export function accountView(sessions: Judge, user: UserRow, onStoredList: boolean): AccountView {
  return {
    ...userView(sessions, user, onStoredList),
    status: user.status,
    has_password: user.password_hash !== null,
    created_at: rfc3339(user.created_at),
    last_sign_in_at: user.last_sign_in_at === null ? null : rfc3339(user.last_sign_in_at),
  };
}

/** Makes the answer of a sign-in. */
export async function signedIn(
  sessions: Pick<Sessions, 'sign'>,
  session: OpenedSession,
  user: UserView,
): Promise<SignedIn> {
  const token = await sessions.sign(session);
  return { token, token_type: 'Bearer', expires_at: rfc3339(session.expiresAt), user };
}
