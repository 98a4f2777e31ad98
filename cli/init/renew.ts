import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../../server/deployment.ts';
import { parseEnvFile, setInEnvFile } from '../../server/kernel/config/env-file.ts';
import { loadConfig, resolveConfig } from '../../server/kernel/config/load.ts';
import { SETTINGS } from '../../server/kernel/config/settings.ts';
import { type AnswerName, type Answers, QUESTIONS } from './answers.ts';
import { bindFor, writeCertificates } from './files.ts';

/** Answers that belong to the keys of the deployment or to its first start; a second run leaves them alone. */
export const FIXED_ANSWERS: readonly AnswerName[] = ['license_key', 'master_passphrase', 'jwt_secret'];

/**
 * Takes new answers into an existing deployment: changes their lines in `.env` and, where this deployment makes its own
 * certificates, renews them. The old `.env` is kept; its path is returned. Throws before anything is written when the
 * result would not be valid.
 */
export function renewDeployment(home: string, answers: Partial<Answers>, now: number): string {
  const file = join(home, PATHS.env);
  const before = readFileSync(file, 'utf8');
  let text = before;
  for (const question of QUESTIONS) {
    const answer = answers[question.name];
    if (answer !== undefined && !FIXED_ANSWERS.includes(question.name)) text = setInEnvFile(text, question.env, answer);
  }
  const { tls } = answers;
  const old = resolveConfig(home, {}, parseEnvFile(before));
  // The address that `init` chose goes with TLS; one that somebody set stays.
  if (tls !== undefined && old.bind === bindFor(old.tls)) text = setInEnvFile(text, SETTINGS.bind.env, bindFor(tls));
  resolveConfig(home, {}, parseEnvFile(text));
  const saved = `${file}.before-${new Date(now).toISOString().replace(/[:.]/g, '-')}`;
  copyFileSync(file, saved);
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const config = loadConfig(home);
  if (config.tls === 'init') writeCertificates(home, config.hostname, now);
  return saved;
}
