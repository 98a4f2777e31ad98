import { createHash } from 'node:crypto';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, layout, sendPage } from './pages.ts';

describe('a page', () => {
  it('escapes every value, but not what was made as HTML', () => {
    const evil = `"><script>alert('&')</script>`;
    const list = ['<i>', html`<b>${1}</b>`];
    const { markup } = html`<p title="${evil}">${list}${null}</p>`;
    expect(markup).toBe(`<p title="${escapeHtml(evil)}">&#60;i&#62;<b>1</b></p>`);
    expect(markup).not.toContain('<script');
    expect(layout(evil, html``).markup).not.toContain('<script');
  });

  it('is sent with a policy that allows its own style and nothing else', async () => {
    const app = Fastify();
    app.get('/', (_request, reply) => sendPage(reply, 200, layout('Hello', html`<p>there</p>`)));
    const { body, headers } = await app.inject('/');
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(body).toMatch(/^<!doctype html>/);
    await app.close();
  });
});
