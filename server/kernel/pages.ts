import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A piece of HTML that is safe to send: made by `html`, so every value in it is escaped. */
export interface Html {
  readonly markup: string;
}

type Piece = Html | string | number | null | readonly (Html | string)[];

/** Makes HTML from a template. Values are escaped unless they are `Html` themselves; lists are joined, null is left out. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  let markup = strings[0] ?? '';
  pieces.forEach((piece, index) => {
    markup += markupOf(piece) + strings[index + 1];
  });
  return { markup };
}

function markupOf(piece: Piece): string {
  if (piece === null) return '';
  if (Array.isArray(piece)) return piece.map(markupOf).join('');
  if (typeof piece === 'object') return (piece as Html).markup;
  return escapeHtml(String(piece));
}

/** Escapes text for element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { margin: 0; }
main { max-width: 32rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 1.5rem; }
label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: 0.5rem; font: inherit; }
button { margin-top: 1.5rem; padding: 0.5rem 1.5rem; font: inherit; }
.problem { border-left: 0.25rem solid #c62828; padding-left: 0.75rem; }
.hint { font-size: 0.9rem; }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** A whole page without script, with one heading that is also its title. */
export function layout(title: string, body: Html): Html {
  const style: Html = { markup: STYLE };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Control Zero</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

/** Sends a page; it is not cached, not framed, runs no script and tells no other site its address. */
export function sendPage(reply: FastifyReply, status: number, page: Html): FastifyReply {
  return reply.code(status).headers(PAGE_HEADERS).send(page.markup);
}
