import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { startAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, signUp } from '../../../test/people.ts';
import { createLog } from '../../kernel/logging.ts';

const CANARIES = ['canary quiet lanterns', 'canary wrong guess', 'canary amber stairway'];

describe('what people type and are given', () => {
  it('reaches neither the log, nor activity records, nor answers to others', async () => {
    const lines: string[] = [];
    const output = new PassThrough();
    output.on('data', (line) => lines.push(String(line)));
    // Without a mail server that answers, so that failures of mail are logged too.
    const settings = { CZ_SMTP_URL: 'smtp://127.0.0.1:1' };
    const appliance = await startAppliance({ log: createLog('trace', output), settings });
    const answers: string[] = [];
    const post = async (url: string, body: unknown, bearer?: string) => {
      const answer = await appliance.request('POST', url, { body, ...(bearer === undefined ? {} : { bearer }) });
      answers.push(answer.text);
      return answer;
    };
    const [first, wrong, second] = CANARIES as [string, string, string];
    const email = 'canary@example.com';

    const person = await signUp(appliance, email);
    await post('/auth/login', { email, password: wrong });
    await post('/auth/login', { email, password: wrong, unknown: wrong });
    await post('/auth/login', `{"email":"${email}","password":"${wrong}`);
    await post('/auth/change-password', { current_password: wrong, new_password: first }, person.token);
    await post('/auth/request-reset', { email });
    const { url } = await appliance.services.auth.operator.resetLink(operatorContext(appliance), email);
    const token = new URL(url).searchParams.get('token') ?? '';
    await appliance.request('GET', `/ui/reset?token=${token}`);
    await post('/auth/reset-password', { token, new_password: 'short' });
    await post('/auth/reset-password', { token, new_password: second });
    await post('/auth/reset-password', { token, new_password: first });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const form = new URLSearchParams({ email, password: wrong }).toString();
    answers.push((await appliance.request('POST', '/ui/sign-in', { headers, body: form })).text);
    await appliance.services.mail.drain();
    const records = await appliance.kernel.databases.state.read.selectFrom('activity_outbox').selectAll().execute();
    const links = await appliance.kernel.databases.state.read.selectFrom('one_time_links').selectAll().execute();
    const metrics = (await appliance.request('GET', '/metrics')).text;
    await appliance.discard();

    expect(lines.length).toBeGreaterThan(10);
    expect(lines.join('')).toContain('a message could not be sent');
    expect(records.length).toBeGreaterThan(4);
    const searched = { log: lines.join(''), answers: answers.join(''), metrics, records, links };
    for (const [place, content] of Object.entries(searched)) {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      for (const secret of [...CANARIES, PASSWORD, token, person.token, person.csrf, '$argon2']) {
        expect([place, secret, text.includes(secret)]).toEqual([place, secret, false]);
      }
    }
  });
});
