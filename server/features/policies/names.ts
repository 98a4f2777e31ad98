import { conflict, type DomainError } from '../../kernel/errors.ts';
import { givenName } from '../../kernel/given-text.ts';
import { countPolicies, findByName, type Scope, type Writer } from './store.ts';

/** So many policies of its own a project or an organization may have. */
export const MOST_POLICIES = 1_000;

/**
 * The name of a new policy: the wanted one, or `Policy <n>`. 400 when it cannot be one, 409 when it is taken or there
 * are too many policies.
 */
export async function nameForNew(trx: Writer, scope: Scope, wanted: string | undefined): Promise<string> {
  const count = await countPolicies(trx, scope);
  if (count >= MOST_POLICIES) {
    throw conflict('TOO_MANY_POLICIES', `There are ${count} policies already. Remove some, or put rules together.`);
  }
  if (wanted !== undefined) return freeName(trx, scope, wanted, null);
  for (let number = count + 1; ; number += 1) {
    if ((await findByName(trx, scope, `Policy ${number}`)) === null) return `Policy ${number}`;
  }
}

/** The wanted name when no other policy than `ownId` has it; 400 when it cannot be one, 409 when it is taken. */
export async function freeName(trx: Writer, scope: Scope, wanted: string, ownId: string | null): Promise<string> {
  const name = givenName(wanted, 'the policy');
  const taken = await findByName(trx, scope, name);
  if (taken !== null && taken.id !== ownId) throw nameTaken(name);
  return name;
}

export function nameTaken(name: string): DomainError {
  return conflict('NAME_TAKEN', `There is a policy named ${JSON.stringify(name)} already. Choose another name.`);
}
