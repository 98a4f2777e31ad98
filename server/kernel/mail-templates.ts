import { existsSync, readFileSync } from 'node:fs';

/** The messages in `templates/mail/<name>.txt`: a `Subject:` line, an empty line, the text. */
export type MailTemplate = 'verify' | 'reset' | 'already-registered' | 'password-changed' | 'invite';

const loaded = new Map<MailTemplate, string>();

/**
 * Fills a template. Every `{{name}}` must have a value; line breaks in values become blanks, so that a value can add
 * neither a header nor a paragraph. Throws an Error that names the template and what it lacks.
 */
export function renderMail(
  name: MailTemplate,
  values: Readonly<Record<string, string>>,
): { subject: string; text: string } {
  const filled = templateText(name).replace(/\{\{(\w+)\}\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`The mail template ${name} needs a value for ${key}.`);
    return value.replace(/[\r\n]+/g, ' ');
  });
  const match = /^Subject: ([^\n]+)\n\n([\s\S]+)$/.exec(filled);
  if (match === null) throw new Error(`The mail template ${name} must start with a Subject line and an empty line.`);
  return { subject: match[1]!, text: match[2]! };
}

function templateText(name: MailTemplate): string {
  let text = loaded.get(name);
  if (text === undefined) {
    text = readFileSync(new URL(`${name}.txt`, mailDirectory()), 'utf8');
    loaded.set(name, text);
  }
  return text;
}

/** In a checkout this module lies two folders below the root, in a bundle one. */
function mailDirectory(): URL {
  const candidates = ['../templates/mail/', '../../templates/mail/'].map((path) => new URL(path, import.meta.url));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new Error('The folder templates/mail is missing from this installation; install it again.');
  return found;
}
