import { CommandError, EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { type Answers, QUESTIONS, type Question } from './answers.ts';

/**
 * Completes the answers: asks what is missing at a terminal, takes the defaults elsewhere.
 * Without a terminal a question that has no default must have been answered; the error names all of them.
 */
export async function completeAnswers(given: Partial<Answers>, interactive: boolean, out: Output): Promise<Answers> {
  const answers: Partial<Answers> = { ...given };
  const open = QUESTIONS.filter((question) => answers[question.name] === undefined);
  if (!interactive) {
    const missing = open.filter((question) => question.fallback === null);
    if (missing.length > 0)
      throw new CommandError(
        EXIT.usage,
        `There is no terminal to ask at. Give ${missing.map((question) => question.flag).join(', ')} (or ${missing.map((question) => question.env).join(', ')}), an answers file with --answers, or use --quickstart.`,
      );
    for (const question of open) answers[question.name] = question.fallback ?? '';
    return answers as Answers;
  }
  if (open.length > 0) out.say('Press Enter to accept the value in parentheses.\n');
  for (const question of open) answers[question.name] = await ask(question);
  return answers as Answers;
}

async function ask(question: Question): Promise<string> {
  const validate = (answer: string) => {
    try {
      question.check(answer);
      return true;
    } catch (error) {
      return `${question.prompt} ${(error as Error).message}.`;
    }
  };
  const common = { name: 'answer', message: question.prompt, validate };
  const prompt =
    question.secret === true
      ? { ...common, type: 'password' as const, mask: '*' }
      : { ...common, type: 'input' as const, ...(question.fallback ? { default: question.fallback } : {}) };
  const { answer } = await askPerson([prompt]);
  return String(answer).trim();
}

/** Shows the recovery key once and makes sure that it was written down: its last characters have to be typed. */
export async function confirmRecoveryKey(identity: string, out: Output): Promise<void> {
  const ending = identity.slice(-6);
  out.say(`\n${out.paint.bold('Recovery key')} – the only way to open backups when the master key is lost.`);
  out.say('It is shown once and kept nowhere on this machine. Write it down now:\n');
  out.say(`  ${out.paint.yellow(identity)}\n`);
  await askPerson([
    {
      type: 'input',
      name: 'ending',
      message: 'Type its last 6 characters to confirm',
      validate: (typed: string) => typed.trim().toUpperCase() === ending || 'That is not how the recovery key ends.',
    },
  ]);
}

/** A yes-or-no question; without a terminal the answer is no. */
export async function confirm(message: string, interactive: boolean): Promise<boolean> {
  if (!interactive) return false;
  const { yes } = await askPerson([{ type: 'confirm', name: 'yes', message, default: false }]);
  return yes === true;
}

/** Loaded when a question is really asked: the server and most commands never need it. */
async function askPerson(
  questions: Parameters<typeof import('inquirer').default.prompt>[0],
): Promise<Record<string, unknown>> {
  const { default: inquirer } = await import('inquirer');
  return inquirer.prompt(questions as never);
}
