import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../test/browser.ts';
import { startAppliance, type TestAppliance } from '../../../test/harness.ts';
import { PASSWORD, signUp } from '../../../test/people.ts';
import { openTenant, type Tenant } from '../../../test/tenant.ts';

describe('the page of an invite', () => {
  let appliance: TestAppliance;
  let home: Tenant;
  beforeAll(async () => {
    appliance = await startAppliance();
    home = await openTenant(appliance, 'home');
  });
  afterAll(() => appliance.discard());

  const invite = async (email: string) => {
    const answer = await home.owner.request('POST', `/api/orgs/${home.orgId}/members/invite`, { email });
    const { pathname, search } = new URL(answer.body.accept_url);
    return pathname + search;
  };
  const members = async () => (await home.owner.request('GET', `/api/orgs/${home.orgId}/members`)).body.members.length;

  it('leads a visitor through signing in, and joins only when its form is sent', async () => {
    await signUp(appliance, 'ada@example.com');
    const link = await invite('ada@example.com');
    const before = await members();
    const browser = new Browser(appliance);
    expect((await browser.open(link)).status).toBe(200);
    expect(browser.page).toContain('Sign in with this address');
    expect(browser.page).not.toContain('<form');
    const next = /href="(\/ui\/sign-in[^"]*)"/.exec(browser.page)?.[1] ?? '';
    await browser.open(next);
    const signedIn = await browser.submit({ email: 'ada@example.com', password: PASSWORD });
    expect([signedIn.status, signedIn.headers.location]).toEqual([303, link]);
    const offer = await browser.open(link);
    expect(offer.headers['cache-control']).toBe('no-store');
    expect(await members()).toBe(before);

    const joined = await browser.submit({});
    expect(joined.status).toBe(200);
    expect(joined.text).toContain('now a member of <strong>home</strong>');
    expect(await members()).toBe(before + 1);
    expect((await browser.open(link)).status).toBe(400);
  });

  it('offers nothing to somebody who is signed in with another address', async () => {
    await signUp(appliance, 'eve@example.com');
    const link = await invite('grace@example.com');
    const browser = new Browser(appliance);
    await browser.open('/ui/sign-in');
    await browser.submit({ email: 'eve@example.com', password: PASSWORD });
    await browser.open(link);
    expect(browser.page).toContain('You are signed in as eve@example.com');
    expect(browser.page).not.toContain('<form');
    const before = await members();
    await browser.open('/ui/');
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? '';
    const forced = await browser.post('/ui/invite', { token, form_token: formToken(browser.page) });
    expect(forced.status).toBe(403);
    const withoutForm = await browser.post('/ui/invite', { token });
    expect(withoutForm.text).toContain('This form was not opened in this browser');
    expect(await members()).toBe(before);
  });

  it('says what is wrong with a link that has ended, and shows names as text', async () => {
    const browser = new Browser(appliance);
    for (const link of ['/ui/invite', '/ui/invite?token=cz_invite_gone']) {
      expect((await browser.open(link)).status).toBe(400);
      expect(browser.page).toContain('Ask for a new invite');
    }
    const org = (await home.owner.request('POST', '/api/orgs', { name: '<b>bold</b>' })).body;
    const answer = await home.owner.request('POST', `/api/orgs/${org.id}/members/invite`, { email: 'x@example.com' });
    const { pathname, search } = new URL(answer.body.accept_url);
    await browser.open(pathname + search);
    expect(browser.page).toContain('&#60;b&#62;bold');
    expect(browser.page).not.toContain('<b>bold');
  });

  function formToken(page: string): string {
    return /name="form_token" value="([^"]*)"/.exec(page)?.[1] ?? '';
  }
});
