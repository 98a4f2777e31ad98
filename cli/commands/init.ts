import { type Command, Option } from 'commander';
import { isDeployed } from '../../server/deployment.ts';
import { systemClock } from '../../server/kernel/clock.ts';
import { loadConfig, publicUrl } from '../../server/kernel/config/load.ts';
import { CommandError, EXIT } from '../exit-codes.ts';
import { type AnswerName, type Answers, checkAnswers, QUESTIONS, readAnswersFile } from '../init/answers.ts';
import { RECOVERY_FILE, writeDeploymentFiles } from '../init/files.ts';
import { type FirstSteps, firstStart } from '../init/install.ts';
import { openWorkshop, removeEmptyWorkshop } from '../init/place.ts';
import { FIXED_ANSWERS, renewDeployment } from '../init/renew.ts';
import { completeAnswers, confirm, confirmRecoveryKey } from '../init/wizard.ts';
import { printPreflight, runPreflight } from '../preflight/run.ts';
import type { Session, SessionOf } from '../session.ts';

interface InitOptions extends Partial<Record<string, string | boolean>> {
  quickstart?: boolean;
  answers?: string;
}

/** `czctl init`: makes a deployment, by wizard, by flags, or with `--quickstart` without a question. */
export function registerInit(program: Command, sessionOf: SessionOf): void {
  const command = program
    .command('init')
    .description('make a new deployment: configuration, keys, certificates, databases')
    .option('--quickstart', 'ask nothing: localhost, plain HTTP on loopback, trial, one org, project and key', false)
    .option('--answers <file>', 'answers as YAML or JSON, one member per question');
  for (const question of QUESTIONS) command.addOption(new Option(question.flag, `${question.help} (${question.env})`));
  command
    .addHelpText(
      'after',
      '\nExamples:\n  czctl init --quickstart\n  czctl init --dir /opt/controlzero --hostname control.example.com --admin-emails ops@example.com\n  czctl init --answers answers.yaml --yes',
    )
    .action((options: InitOptions, self: Command) => init(options, sessionOf(self)));
}

async function init(options: InitOptions, session: Session): Promise<void> {
  const { home } = session.options;
  const quickstart = options.quickstart === true;
  const interactive = !quickstart && !session.options.json && !session.options.yes && process.stdin.isTTY === true;
  if (isDeployed(home)) return again(options, session, interactive);
  const given = givenAnswers(options, session.environment, quickstart);
  checkAnswers(given);
  const answers = await completeAnswers(given, interactive, session.out);
  checkAnswers(answers);
  await make(answers, quickstart, interactive, session);
}

async function make(answers: Answers, quickstart: boolean, interactive: boolean, session: Session): Promise<void> {
  const { out, options } = session;
  const workshop = openWorkshop(options.home, answers.database_url !== '');
  const stopHeeding = heedSignals(() => workshop.discard());
  let steps: FirstSteps;
  try {
    out.progress('Making keys and certificates …');
    const recovery = await writeDeploymentFiles(
      workshop.folder,
      answers,
      quickstart || !interactive,
      systemClock.now(),
    );
    out.progress('Creating the databases …');
    steps = await firstStart(workshop.folder, answers, quickstart);
    out.done();
    if (interactive) await confirmRecoveryKey(recovery.identity, out);
    workshop.settle();
  } catch (error) {
    out.done();
    workshop.discard();
    throw error;
  } finally {
    stopHeeding();
  }
  // What is in its place stays, whatever happens to the report.
  await report(steps, answers, session, interactive);
}

/** Tidies up when a signal ends the command, which then ends by that signal. Returns how to leave signals alone again. */
function heedSignals(tidyUp: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const end = (signal: NodeJS.Signals) => {
    stop();
    tidyUp();
    process.kill(process.pid, signal);
  };
  const stop = () => {
    for (const signal of signals) process.removeListener(signal, end);
  };
  for (const signal of signals) process.on(signal, end);
  return stop;
}

async function report(steps: FirstSteps, answers: Answers, session: Session, interactive: boolean): Promise<void> {
  const { out, options } = session;
  const url = publicUrl(loadConfig(options.home));
  out.say(`${out.paint.green('Control Zero is initialized')} in ${options.home}\n`);
  const checks = await runPreflight(options.home, false, systemClock.now());
  printPreflight(checks, out);
  out.say(
    `\nLicense      ${steps.license.status}, tier ${steps.license.tier}, until ${steps.license.expires_at ?? 'further notice'}`,
  );
  if (!interactive)
    out.say(`Recovery key ${options.home}/${RECOVERY_FILE} – move it to a safe place and delete it here`);
  if (answers.tls === 'init')
    out.say(`Private CA   ${options.home}/config/certs/ca.pem – clients trust it with CONTROLZERO_TLS_CA_BUNDLE`);
  if (answers.tls === 'own')
    out.say(
      'Certificate  name your files with "czctl config set CZ_TLS_CERTIFICATE" and CZ_TLS_KEY; until then one of a private CA is served',
    );
  if (steps.quickstart !== null) {
    out.say(`\nOrganization ${steps.quickstart.org}, project ${steps.quickstart.project}. The key is shown once:\n`);
    out.say(`  export CONTROLZERO_API_URL=${url} CONTROLZERO_API_KEY=${steps.quickstart.key}`);
  }
  for (const link of steps.setupLinks)
    out.say(`\nSet-up link of ${link.email} (once, until ${link.expires_at}):\n  ${out.paint.cyan(link.url)}`);
  out.say('\nNext: czctl preflight, then czctl serve');
  out.result('init', {
    home: options.home,
    url,
    license: steps.license,
    setup_links: steps.setupLinks,
    quickstart:
      steps.quickstart === null
        ? null
        : { project_id: steps.quickstart.projectId, api_url: url, api_key: steps.quickstart.key },
    preflight: checks,
  });
}

/** A second run: says what exists, and only after a yes renews `.env` and certificate. Keys and data always stay. */
async function again(options: InitOptions, session: Session, interactive: boolean): Promise<void> {
  const { out } = session;
  const { home } = session.options;
  removeEmptyWorkshop(home);
  const config = loadConfig(home);
  out.say(
    `There is a deployment in ${home}: host name ${config.hostname}, ${publicUrl(config)}, TLS ${config.tls}, ${config.databaseUrl === null ? 'SQLite' : 'PostgreSQL'}.`,
  );
  const yes =
    session.options.yes ||
    (await confirm('Rewrite .env from your answers and renew the certificate? Keys and data stay.', interactive));
  if (!yes)
    throw new CommandError(
      EXIT.conflict,
      'Nothing was changed. Use --yes to rewrite .env and renew the certificate (keys and data stay), or another directory with --dir.',
      { deployment: { home, hostname: config.hostname, url: publicUrl(config), tls: config.tls } },
    );
  const given = givenAnswers(options, {}, false);
  checkAnswers(given);
  const fixed = FIXED_ANSWERS.filter((name) => given[name] !== undefined);
  if (fixed.length > 0)
    out.note(
      `${fixed.join(', ')}: only the first init takes these; they are left as they are. For a license use "czctl license install".`,
    );
  const saved = renewDeployment(home, given, systemClock.now());
  out.say(
    `.env is rewritten (the old one is ${saved}) and the certificate renewed. A server that runs takes the certificate by itself; restart it to use changed settings.`,
  );
  out.result('init', { home, renewed: true, previous_env: saved });
}

/** Flags first, then environment, then the answers file, then the values of quickstart. */
function givenAnswers(options: InitOptions, environment: NodeJS.ProcessEnv, quickstart: boolean): Partial<Answers> {
  const fromFile = options.answers === undefined ? {} : readAnswersFile(options.answers);
  const answers: Partial<Answers> = {};
  for (const question of QUESTIONS) {
    const flag = options[camelCase(question.name)];
    const value =
      typeof flag === 'string'
        ? flag
        : (environment[question.env] ?? fromFile[question.name] ?? (quickstart ? question.quickstart : undefined));
    if (value !== undefined) answers[question.name] = value;
  }
  return answers;
}

function camelCase(name: AnswerName): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
