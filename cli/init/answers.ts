import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { emailAddress } from '../../server/kernel/config/define.ts';
import { SETTINGS } from '../../server/kernel/config/settings.ts';
import { didYouMean, suggestionFor } from '../did-you-mean.ts';
import { CommandError, EXIT } from '../exit-codes.ts';

/** One thing that `init` asks: every answer may also come as a flag, an environment variable or a line of the answers file. */
export interface Question {
  name: AnswerName;
  /** Environment variable. */
  env: string;
  /** Flag with its placeholder, as commander writes it. */
  flag: string;
  help: string;
  /** What the wizard asks. */
  prompt: string;
  /** The answer when nobody gave one; null: must be given. */
  fallback: string | null;
  quickstart: string;
  /** Typed without echo, never shown. */
  secret?: boolean;
  /** Throws an Error with what is wrong. */
  check(answer: string): void;
}

const ANSWER_NAMES = [
  'hostname',
  'license_key',
  'master_passphrase',
  'jwt_secret',
  'admin_emails',
  'auth_mode',
  'port',
  'tls',
  'trusted_proxies',
  'database_url',
  'smtp_url',
  'registration',
] as const;
export type AnswerName = (typeof ANSWER_NAMES)[number];
export type Answers = Record<AnswerName, string>;

/** The questions in the order of the wizard: domain, license, keys first (as operators know them), then what is our own. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'hostname',
    env: 'CZ_HOSTNAME',
    flag: '--hostname <name>',
    help: 'name that SDKs, browsers and certificates use',
    prompt: 'Domain',
    fallback: 'controlzero.local',
    quickstart: 'localhost',
    check: SETTINGS.hostname.parse,
  },
  {
    name: 'license_key',
    env: 'CZ_LICENSE_KEY',
    flag: '--license-key <text>',
    help: 'license (cz_ent_…); empty starts the 14-day trial',
    prompt: 'License key (empty: 14-day trial)',
    fallback: '',
    quickstart: '',
    check: SETTINGS.licenseKey.parse,
  },
  {
    name: 'master_passphrase',
    env: 'CZ_MASTER_PASSPHRASE',
    flag: '--master-passphrase <text>',
    help: 'derive the master key from a passphrase instead of a key file',
    prompt: 'Master key passphrase (empty: generate a key file)',
    fallback: '',
    quickstart: '',
    secret: true,
    check: checkPassphrase,
  },
  {
    name: 'jwt_secret',
    env: 'CZ_JWT_SECRET',
    flag: '--jwt-secret <base64>',
    help: 'session signing secret, at least 32 bytes as base64',
    prompt: 'Session signing secret (empty: generate)',
    fallback: '',
    quickstart: '',
    secret: true,
    check: checkJwtSecret,
  },
  {
    name: 'admin_emails',
    env: 'CZ_ADMIN_EMAILS',
    flag: '--admin-emails <list>',
    help: 'addresses of the platform admins, separated by commas',
    prompt: 'Admin e-mail addresses (comma-separated)',
    fallback: null,
    quickstart: 'admin@localhost',
    check: checkEmails,
  },
  {
    name: 'auth_mode',
    env: 'AUTH_MODE',
    flag: '--auth-mode <mode>',
    help: 'how people sign in; only self-managed is built',
    prompt: 'AUTH_MODE',
    fallback: 'self-managed',
    quickstart: 'self-managed',
    check: SETTINGS.authMode.parse,
  },
  {
    name: 'port',
    env: 'CZ_PORT',
    flag: '--port <number>',
    help: 'TCP port to listen on',
    prompt: 'Port',
    fallback: '8443',
    quickstart: '8080',
    check: SETTINGS.port.parse,
  },
  {
    name: 'tls',
    env: 'CZ_TLS',
    flag: '--tls <mode>',
    help: 'init (private CA made now), own (your files), proxy (TLS ends in front), off (loopback only)',
    prompt: 'TLS (init, own, proxy, off)',
    fallback: 'init',
    quickstart: 'off',
    check: SETTINGS.tls.parse,
  },
  {
    name: 'trusted_proxies',
    env: 'CZ_TRUSTED_PROXIES',
    flag: '--trusted-proxies <networks>',
    help: 'networks of the proxies in front; required with --tls proxy',
    prompt: 'Trusted proxy networks (empty: none)',
    fallback: '',
    quickstart: '',
    check: SETTINGS.trustedProxies.parse,
  },
  {
    name: 'database_url',
    env: 'DATABASE_URL',
    flag: '--database-url <url>',
    help: 'PostgreSQL instead of the built-in SQLite',
    prompt: 'PostgreSQL URL (empty: built-in SQLite)',
    fallback: '',
    quickstart: '',
    secret: true,
    check: SETTINGS.databaseUrl.parse,
  },
  {
    name: 'smtp_url',
    env: 'CZ_SMTP_URL',
    flag: '--smtp-url <url>',
    help: 'mail server; without one links are printed by czctl',
    prompt: 'Mail server URL (empty: none)',
    fallback: '',
    quickstart: '',
    secret: true,
    check: SETTINGS.smtpUrl.parse,
  },
  {
    name: 'registration',
    env: 'CZ_REGISTRATION',
    flag: '--registration <mode>',
    help: 'who may register: open, invite or closed',
    prompt: 'Registration (open, invite, closed)',
    fallback: 'invite',
    quickstart: 'open',
    check: SETTINGS.registration.parse,
  },
];

/** Reads an answers file: YAML or JSON, one member per question. Throws `CommandError` naming what it does not know. */
export function readAnswersFile(file: string): Partial<Answers> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 });
  } catch (error) {
    throw new CommandError(EXIT.usage, `The answers file ${file} cannot be read: ${(error as Error).message}`);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new CommandError(EXIT.usage, `The answers file ${file} must hold "name: value" lines.`);
  const answers: Partial<Answers> = {};
  for (const [name, value] of Object.entries(content)) {
    if (!(ANSWER_NAMES as readonly string[]).includes(name))
      throw new CommandError(
        EXIT.usage,
        `The answers file ${file} has an unknown member "${name}".${didYouMean(suggestionFor(name, ANSWER_NAMES))} Known: ${ANSWER_NAMES.join(', ')}.`,
      );
    answers[name as AnswerName] = Array.isArray(value) ? value.join(',') : String(value ?? '');
  }
  return answers;
}

/** Checks every given answer. Throws one `CommandError` with all problems; a secret's value is not part of it. */
export function checkAnswers(answers: Partial<Answers>): void {
  const problems: string[] = [];
  for (const question of QUESTIONS) {
    const answer = answers[question.name];
    if (answer === undefined) continue;
    try {
      question.check(answer);
    } catch (error) {
      const shown = question.secret === true ? '' : ` (given: ${JSON.stringify(answer)})`;
      problems.push(`${question.name} ${(error as Error).message}${shown}`);
    }
  }
  if (answers.tls === 'proxy' && (answers.trusted_proxies ?? '') === '')
    problems.push('trusted_proxies must name the network of the proxy when tls is proxy');
  if (problems.length > 0)
    throw new CommandError(
      EXIT.usage,
      `Some answers cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
      { problems },
    );
}

function checkPassphrase(answer: string): void {
  if (answer !== '' && answer.length < 16) throw new Error('must have at least 16 characters, or be empty');
}

function checkJwtSecret(answer: string): void {
  if (answer !== '' && Buffer.from(answer, 'base64').length < 32)
    throw new Error('must be the base64 of at least 32 bytes, or empty');
}

function checkEmails(answer: string): void {
  const members = answer
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length === 0) throw new Error('must name at least one e-mail address');
  members.forEach(emailAddress);
}
