import { conflict, DomainError } from '../../kernel/errors.ts';

/** 409: another transaction was faster; nothing of this one is stored. */
export function changedMeanwhile(what: string): DomainError {
  return conflict(
    'CHANGED_MEANWHILE',
    `${what} at the same time by somebody else. Nothing was changed: repeat the request.`,
  );
}

/** 404: no keys were ever made for the project. */
export function notProvisioned(): DomainError {
  return new DomainError(
    404,
    'KEYS_NOT_PROVISIONED',
    'This project has no keys yet. Provision them with POST /api/projects/{projectID}/keys/provision.',
  );
}
