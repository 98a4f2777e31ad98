import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { constantTimeEqual } from '../crypto/tokens.ts';
import { type Config, publicUrl } from './config/load.ts';
import { asDomainError } from './error-handler.ts';
import { forbidden, invalid } from './errors.ts';
import type { Log } from './logging.ts';
import { type Html, html, layout, sendPage } from './pages.ts';

/** Ties the forms of a browser to that browser, before anybody has signed in. */
const FORM_COOKIE = 'cz_form';
/** The hidden field of every form. */
export const FORM_FIELD = 'form_token';

/** Options of a cookie of ours; scripts never see it, and other sites cannot make a browser send it with a form. */
export interface CookieOptions {
  secure: boolean;
  /** Seconds; 0 removes the cookie. Absent: until the browser closes. */
  maxAgeSeconds?: number;
}

/** Whether browsers reach the appliance over HTTPS, so that cookies may demand it. */
export function servesHttps(config: Config): boolean {
  return publicUrl(config).startsWith('https:');
}

/** Adds a cookie to a reply. */
export function setCookie(reply: FastifyReply, name: string, value: string, options: CookieOptions): void {
  const age = options.maxAgeSeconds === undefined ? '' : `; Max-Age=${options.maxAgeSeconds}`;
  const secure = options.secure ? '; Secure' : '';
  void reply.header('set-cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}${age}`);
}

/** The form side of pages: what reads form bodies, shows refusals as pages, and keeps other sites' forms out. */
export interface PageForms {
  /** The hidden field of a form, and the cookie that belongs to it when the browser has none yet. */
  field(request: FastifyRequest, reply: FastifyReply): Html;
  /** Refuses with 403 a form that this browser was not given. */
  check(request: FastifyRequest): void;
}

/**
 * Prepares a scope for pages with forms: bodies are `application/x-www-form-urlencoded` (each name once) and refusals
 * are shown as pages. Register it in a scope of its own, because it changes how the whole scope reads and refuses.
 */
export function usePageForms(
  scope: FastifyInstance,
  parts: { config: Config; keys: { csrf: Buffer }; log: Log },
): PageForms {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, readForm(String(body)));
    } catch (error) {
      done(error as Error);
    }
  });
  scope.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = asDomainError(error, request);
    if (refusal.status >= 500) parts.log.error({ reqId: request.id, err: error }, refusal.message);
    if (refusal.facts.headers !== undefined) void reply.headers(refusal.facts.headers);
    const body = html`<p class="problem" role="alert">${refusal.message}</p>
<p><a href="/ui/">Back to the start</a></p>
<p class="hint">Request ${request.id}</p>`;
    return sendPage(reply, refusal.status, layout('That did not work', body));
  });

  const tokenOf = (cookie: string) =>
    createHmac('sha256', parts.keys.csrf).update(`form\0${cookie}`).digest('base64url');
  return {
    field(request, reply) {
      let cookie = formCookie(request);
      if (cookie === null) {
        cookie = randomBytes(16).toString('hex');
        setCookie(reply, FORM_COOKIE, cookie, { secure: servesHttps(parts.config) });
      }
      return html`<input type="hidden" name="${FORM_FIELD}" value="${tokenOf(cookie)}">`;
    },
    check(request) {
      const cookie = formCookie(request);
      const sent = (request.body as Record<string, string> | undefined)?.[FORM_FIELD] ?? '';
      if (cookie === null || !constantTimeEqual(sent, tokenOf(cookie))) {
        throw forbidden('This form was not opened in this browser, or cookies are switched off. Open the page again.', {
          reason: 'form_token_invalid',
        });
      }
    },
  };
}

function formCookie(request: FastifyRequest): string | null {
  return /(?:^|;\s*)cz_form=([0-9a-f]{32})(?:;|$)/.exec(request.headers.cookie ?? '')?.[1] ?? null;
}

function readForm(text: string): Record<string, string> {
  const form: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    if (name in form) throw invalid(`The form has the field ${JSON.stringify(name.slice(0, 60))} twice.`);
    form[name] = value;
  }
  return { ...form };
}
