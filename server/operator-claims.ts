import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from './deployment.ts';
import type { OperatorActor } from './kernel/actor.ts';
import type { CredentialRegistry } from './kernel/credentials.ts';

const NAME = /^[0-9a-f]{32}$/;

/**
 * Lets the socket know who is at the terminal. Node has no peer credentials, so the command line creates a file with a
 * random name in a sticky folder; its owner, which the file system vouches for, is the operator. The file is used once.
 * Access itself comes from the permissions of the socket: a request without a claim is an operator of unknown uid.
 */
export function acceptOperatorClaims(credentials: CredentialRegistry, home: string): void {
  const folder = join(home, PATHS.claims);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o1777);
  credentials.register('operator', (_value, request): OperatorActor => {
    const claim = request.headers['x-cz-claim'];
    const sudoUser = request.headers['x-cz-sudo-user'];
    return {
      kind: 'operator',
      uid: typeof claim === 'string' && NAME.test(claim) ? ownerOf(join(folder, claim)) : null,
      claimedBy: typeof sudoUser === 'string' ? sudoUser.slice(0, 64) : null,
    };
  });
}

function ownerOf(file: string): number | null {
  try {
    const { uid } = lstatSync(file);
    unlinkSync(file);
    return uid;
  } catch {
    return null;
  }
}
