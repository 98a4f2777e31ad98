import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../test/browser.ts';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { operatorContext, PASSWORD, signIn, signUp } from '../../../test/people.ts';

const BETTER = 'seven quiet lanterns';

describe('the pages', () => {
  let appliance: TestAppliance;
  beforeAll(async () => {
    appliance = await startAppliance({ settings: { CZ_ADMIN_EMAILS: 'root@example.com' } });
  });
  afterAll(() => appliance.discard());

  const pathOf = ({ url }: { url: string }) => new URL(url).pathname + new URL(url).search;
  const userOf = (email: string) => appliance.services.auth.users.byEmail(operatorContext(appliance), email);

  it('run no script, are not cached or framed, and tell no other site their address', async () => {
    const browser = new Browser(appliance);
    for (const url of ['/ui/', '/ui', '/ui/sign-in', '/ui/register', '/ui/reset', '/ui/setup?token=x', '/ui/verify']) {
      const answer = await browser.open(url);
      expect([url, answer.status]).toEqual([url, 200]);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'/),
      });
      expect(answer.text).toMatch(/<html lang="en">[\s\S]*<h1>/);
      expect(answer.text).not.toMatch(/<script| on\w+=| style=/);
    }
  });

  it('sign in and out with a cookie that scripts cannot read', async () => {
    await signUp(appliance, 'web@example.com');
    const browser = new Browser(appliance);
    await browser.open('/ui/sign-in');
    const refused = await browser.submit({ email: 'web@example.com', password: 'wrong' });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('role="alert"');
    expect(refused.text).toContain('value="web@example.com"');
    expect(refused.text).not.toContain('wrong"');
    expect(browser.cookies.has('cz_session')).toBe(false);

    const answer = await browser.submit({ email: 'web@example.com', password: PASSWORD });
    expect([answer.status, answer.headers.location]).toEqual([303, '/ui/']);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^cz_session=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200$/,
    );
    expect((await browser.open('/ui/')).text).toContain('signed in as web@example.com');

    const token = browser.cookies.get('cz_session') ?? '';
    expect((await browser.submit({})).headers.location).toBe('/ui/');
    expect((await browser.open('/ui/')).text).toContain('You are not signed in');
    expect((await appliance.request('GET', '/auth/me', { bearer: token })).status).toBe(401);
  });

  it('mark the cookie as secure when browsers come over HTTPS', async () => {
    const secure = await startAppliance({ settings: { CZ_PUBLIC_URL: 'https://cz.test' } });
    const answer = await new Browser(secure).open('/ui/sign-in');
    expect(String(answer.headers['set-cookie'])).toMatch(/^cz_form=[0-9a-f]{32}; .*; Secure$/);
    await secure.discard();
  });

  it('go on only to pages of this appliance after signing in', async () => {
    await signUp(appliance, 'next@example.com');
    const targets: [string, string][] = [
      ['/ui/invite?token=cz_invite_12', '/ui/invite?token=cz_invite_12'],
      ['https://evil.test/ui/', '/ui/'],
      ['//evil.test', '/ui/'],
      ['/ui/../api', '/ui/'],
      ['/ui//evil.test:80', '/ui/'],
      ['/ui/"><b>', '/ui/'],
    ];
    for (const [next, location] of targets) {
      const browser = new Browser(appliance);
      await browser.open(`/ui/sign-in?next=${encodeURIComponent(next)}`);
      const answer = await browser.submit({ email: 'next@example.com', password: PASSWORD });
      expect([next, answer.headers.location]).toEqual([next, location]);
    }
  });

  it('refuse forms that another site made', async () => {
    await signUp(appliance, 'forged@example.com');
    const form = { email: 'forged@example.com', password: PASSWORD };
    const browser = new Browser(appliance);
    expect((await browser.post('/ui/sign-in', form)).status).toBe(403);
    await browser.open('/ui/sign-in');
    expect((await browser.post('/ui/sign-in', { ...form, form_token: 'made-up' })).status).toBe(403);
    const other = new Browser(appliance);
    await other.open('/ui/sign-in');
    const stolen = / name="form_token" value="([^"]*)"/.exec(other.page)?.[1] ?? '';
    expect((await browser.post('/ui/sign-in', { ...form, form_token: stolen })).status).toBe(403);
    expect(browser.cookies.has('cz_session')).toBe(false);

    const person = await signIn(appliance, 'forged@example.com');
    browser.cookies.set('cz_session', person.token);
    expect((await browser.post('/ui/sign-out', {})).status).toBe(403);
    expect((await person.request('GET', '/auth/me')).status).toBe(200);
  });

  it('refuse bodies that are no form of theirs, as a page', async () => {
    const browser = new Browser(appliance);
    const unknown = await browser.post('/ui/sign-in', { email: 'a@b.c', password: 'x', admin: '1' });
    expect([unknown.status, unknown.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await appliance.request('POST', '/ui/sign-in', { headers, body: 'email=a&email=b' });
    expect([twice.status, twice.text.includes('twice')]).toEqual([400, true]);
    const proto = await appliance.request('POST', '/ui/sign-in', { headers, body: '__proto__=x&email=a&password=b' });
    expect(proto.status).toBe(400);
    const huge = await appliance.request('POST', '/ui/sign-in', { headers, body: `email=${'a'.repeat(1_100_000)}` });
    expect(huge.status).toBe(413);
  });

  it('register and confirm the address; opening a link changes nothing', async () => {
    const browser = new Browser(appliance);
    await browser.open('/ui/register');
    const weak = await browser.submit({ email: 'page@example.com', name: '<b>Pia', new_password: 'password' });
    expect(weak.status).toBe(400);
    expect(weak.text).toContain('value="&#60;b&#62;Pia"');
    expect(await userOf('page@example.com')).toBeNull();
    expect((await browser.submit({ name: 'Pia', new_password: PASSWORD })).status).toBe(201);

    const link = await appliance.services.auth.operator.verifyLink(operatorContext(appliance), 'page@example.com');
    for (let n = 0; n < 2; n += 1) expect((await browser.open(pathOf(link))).status).toBe(200);
    expect(await userOf('page@example.com')).toMatchObject({ email_verified: false });
    expect((await browser.submit({ password: PASSWORD })).status).toBe(200);
    expect(await userOf('page@example.com')).toMatchObject({ email_verified: true });
    await browser.open(pathOf(link));
    expect((await browser.submit({ password: PASSWORD })).status).toBe(400);
  });

  it('choose a new password with a link, once', async () => {
    const person = await signUp(appliance, 'choose@example.com', { name: 'Cho' });
    const browser = new Browser(appliance);
    await browser.open('/ui/reset');
    expect((await browser.submit({ email: person.email })).status).toBe(202);
    const link = await appliance.services.auth.operator.resetLink(operatorContext(appliance), person.email);
    await browser.open(pathOf(link));
    await browser.open(pathOf(link));
    expect((await person.request('GET', '/auth/me')).status).toBe(200);
    expect((await browser.submit({ new_password: 'short' })).text).toContain('too short');
    expect((await browser.submit({ new_password: BETTER })).status).toBe(200);
    expect(await userOf(person.email)).toMatchObject({ name: 'Cho' });
    await browser.open(pathOf(link));
    expect((await browser.submit({ new_password: PASSWORD })).status).toBe(400);
    await signIn(appliance, person.email, BETTER);
  });

  it('set up an admin with name and password; the link does not fit elsewhere', async () => {
    const browser = new Browser(appliance);
    const link = await appliance.services.auth.operator.setupLink(operatorContext(appliance), 'root@example.com');
    await browser.open(pathOf(link).replace('/setup', '/reset'));
    expect((await browser.submit({ new_password: BETTER })).status).toBe(400);
    await browser.open(pathOf(link));
    expect((await browser.submit({ name: 'Root', new_password: BETTER })).status).toBe(200);
    expect(await userOf('root@example.com')).toMatchObject({ name: 'Root', platform_admin: true });
  });
});
