import {
  choice,
  cidr,
  emailAddress,
  flag,
  integer,
  isUrlOf,
  list,
  localAddress,
  optionalText,
  type Setting,
  text,
} from './define.ts';

// biome-ignore lint/suspicious/noExplicitAny: a setting of whatever value; only its text form matters here
type AnySetting = Setting<any>;

const HOSTNAME = {
  test: /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i,
  form: 'a host name like control.example.com',
};

const SENDER = {
  test: /^(?:[^<>]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/,
  form: 'an address like Name <name@example.com>',
};

/** Links are made by adding a path to it. */
function isBaseUrl(value: string): boolean {
  if (!isUrlOf(value, 'http:', 'https:')) return false;
  const { username, search, hash } = new URL(value);
  return username === '' && search === '' && hash === '';
}

function isMailServer(value: string): boolean {
  if (!isUrlOf(value, 'smtp:', 'smtps:')) return false;
  const { hostname, username, password } = new URL(value);
  return hostname !== '' && isPercentEncoded(username) && isPercentEncoded(password);
}

function isPercentEncoded(text: string): boolean {
  return /^(?:[^%]|%[0-9a-f]{2})*$/i.test(text);
}

/** Every setting of the appliance. The reference page, `config show` and the generated `.env` come from this table. */
export const SETTINGS = {
  hostname: text(
    {
      env: 'CZ_HOSTNAME',
      fallback: 'localhost',
      summary: 'The name that SDKs, browsers and certificates use for this appliance. All links are built from it.',
    },
    HOSTNAME,
  ),
  port: integer({ env: 'CZ_PORT', fallback: 8443, summary: 'The TCP port the server listens on.' }, 0, 65_535),
  bind: localAddress({
    env: 'CZ_BIND',
    fallback: '0.0.0.0',
    summary: 'The local address the server listens on. With tls=off only loopback addresses are accepted.',
  }),
  tls: choice(
    {
      env: 'CZ_TLS',
      fallback: 'init',
      summary:
        'Where HTTPS comes from: the certificate made by init, your own files, a proxy in front, or none (loopback only).',
    },
    ['init', 'own', 'proxy', 'off'],
  ),
  tlsCertificate: text({
    env: 'CZ_TLS_CERTIFICATE',
    fallback: 'config/certs/server.pem',
    summary: 'Certificate chain (PEM), relative to the deployment directory. Reloaded when the file changes.',
  }),
  tlsKey: text({
    env: 'CZ_TLS_KEY',
    fallback: 'config/certs/server-key.pem',
    summary:
      'Private key of the certificate (PEM), relative to the deployment directory. Reloaded when the file changes.',
  }),
  authMode: choice(
    {
      env: 'AUTH_MODE',
      fallback: 'self-managed',
      summary: 'How people sign in. Only self-managed is built; other values refuse to start.',
    },
    ['self-managed'],
  ),
  registration: choice(
    {
      env: 'CZ_REGISTRATION',
      fallback: 'invite',
      summary: 'Who may register: anybody, only invited addresses, or nobody.',
    },
    ['open', 'invite', 'closed'],
  ),
  adminEmails: list(
    {
      env: 'CZ_ADMIN_EMAILS',
      fallback: [],
      summary: 'Addresses of the platform admins. An address counts only once it is verified.',
    },
    'e-mail addresses, separated by commas',
    emailAddress,
  ),
  publicUrl: optionalText(
    {
      env: 'CZ_PUBLIC_URL',
      summary:
        'The address under which users reach the appliance, when a proxy changes scheme or port. Empty: built from hostname and port.',
    },
    'a URL like https://control.example.com',
    isBaseUrl,
  ),
  trustedProxies: list(
    {
      env: 'CZ_TRUSTED_PROXIES',
      fallback: [],
      summary: 'Networks whose X-Forwarded-* headers are believed. Required with tls=proxy.',
    },
    'networks in CIDR form, separated by commas',
    cidr,
  ),
  internalNetworks: list(
    {
      env: 'CZ_INTERNAL_NETWORKS',
      fallback: ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
      summary: 'Networks that may read /metrics.',
    },
    'networks in CIDR form, separated by commas',
    cidr,
  ),
  metricsPublic: flag({ env: 'CZ_METRICS_PUBLIC', fallback: false, summary: 'Lets anybody read /metrics.' }),
  databaseUrl: optionalText(
    {
      env: 'DATABASE_URL',
      secret: true,
      summary: 'PostgreSQL to use instead of the built-in SQLite files.',
    },
    'a URL like postgres://user:password@host:5432/database',
    (value) => isUrlOf(value, 'postgres:', 'postgresql:'),
  ),
  masterKeyFile: text({
    env: 'CZ_MASTER_KEY_FILE',
    fallback: 'config/master.key',
    summary:
      'File of the master key, relative to the deployment directory. CZ_MASTER_KEY in the environment comes first.',
  }),
  jwtKeyFile: text({
    env: 'CZ_JWT_KEY_FILE',
    fallback: 'config/jwt.key',
    summary: 'File of the key that signs sessions, relative to the deployment directory.',
  }),
  recoveryRecipient: optionalText(
    {
      env: 'CZ_RECOVERY_RECIPIENT',
      summary: 'Public half of the recovery key, made by init; kept for the encrypted backups of a later release.',
    },
    'an age recipient (age1…)',
    (value) => /^age1[a-z0-9]{58}$/.test(value),
  ),
  licenseKey: optionalText(
    {
      env: 'CZ_LICENSE_KEY',
      secret: true,
      summary: 'License to install at start; empty: the installed one, or the trial.',
    },
    'a license text that starts with cz_ent_',
    (value) => value.startsWith('cz_ent_'),
  ),
  licenseTrust: list(
    {
      env: 'CZ_LICENSE_TRUST',
      fallback: [],
      summary: 'Public keys (base64) of private license issuers, beside those shipped with the product.',
    },
    'base64 Ed25519 public keys, separated by commas',
    (member) => {
      if (Buffer.from(member, 'base64').length !== 32)
        throw new Error('must be the base64 of 32-byte Ed25519 public keys');
      return member;
    },
  ),
  smtpUrl: optionalText(
    {
      env: 'CZ_SMTP_URL',
      secret: true,
      summary: 'Mail server (smtps:// for TLS from the start). Empty: links are printed by czctl.',
    },
    'a URL like smtp://user:password@host:587 or smtps://…, with special characters percent-encoded',
    isMailServer,
  ),
  mailFrom: text(
    {
      env: 'CZ_MAIL_FROM',
      fallback: 'Control Zero <control-zero@localhost>',
      summary: 'Sender of the mail that the appliance sends.',
    },
    SENDER,
  ),
  logLevel: choice(
    { env: 'CZ_LOG_LEVEL', fallback: 'info', restart: false, summary: 'How much is logged. In force within seconds.' },
    ['error', 'warn', 'info', 'debug', 'trace'],
  ),
  enrollmentApi: flag({
    env: 'ENROLLMENT_API_ENABLED',
    fallback: true,
    summary: 'Machine enrollment and the machine-signed routes; off answers 503.',
  }),
  sessionHours: integer({ env: 'CZ_SESSION_HOURS', fallback: 12, summary: 'Hours until a session ends.' }, 1, 720),
  rateIp: integer(
    { env: 'CZ_RATE_IP', fallback: 1000, summary: 'Requests per minute from one address.' },
    1,
    100_000_000,
  ),
  rateKey: integer(
    { env: 'CZ_RATE_KEY', fallback: 500, summary: 'Requests per minute with one API key.' },
    1,
    100_000_000,
  ),
  rateBundle: integer(
    { env: 'CZ_RATE_BUNDLE', fallback: 600, summary: 'Bundle pulls and bootstraps per minute with one API key.' },
    1,
    100_000_000,
  ),
  rateIngest: integer(
    { env: 'CZ_RATE_INGEST', fallback: 1000, summary: 'Audit submissions per minute with one API key.' },
    1,
    100_000_000,
  ),
  rateSession: integer(
    { env: 'CZ_RATE_SESSION', fallback: 500, summary: 'Requests per minute of one signed-in person.' },
    1,
    100_000_000,
  ),
  rateSignIn: integer(
    {
      env: 'CZ_RATE_SIGN_IN',
      fallback: 30,
      summary: 'Sign-in, registration and reset requests per minute from one address.',
    },
    1,
    100_000_000,
  ),
  rateFailures: integer(
    {
      env: 'CZ_RATE_FAILURES',
      fallback: 60,
      summary: 'Failed credentials per minute from one address before further failures answer 429.',
    },
    1,
    100_000_000,
  ),
  requestTimeoutSeconds: integer(
    {
      env: 'CZ_REQUEST_TIMEOUT_SECONDS',
      fallback: 30,
      summary: 'Seconds within which a client must have sent its whole request.',
    },
    1,
    600,
  ),
  shutdownSeconds: integer(
    {
      env: 'CZ_SHUTDOWN_SECONDS',
      fallback: 20,
      summary: 'Seconds that a stopping server gives accepted requests to finish.',
    },
    1,
    600,
  ),
} as const satisfies Record<string, AnySetting>;

export type SettingName = keyof typeof SETTINGS;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The validated values of all settings. */
export type SettingValues = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> };

/** The table as a list, in its written order. */
export const SETTING_LIST = Object.entries(SETTINGS).map(([name, setting]) => ({
  name: name as SettingName,
  setting: setting as AnySetting,
}));
