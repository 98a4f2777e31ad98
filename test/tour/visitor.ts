import { PASSWORD } from '../people.ts';

/** An answer as a program reads it. */
export interface HttpAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
  body: any;
  text: string;
  headers: Headers;
}

/** Somebody who is signed in and works over HTTP. */
export interface Member {
  readonly email: string;
  /** A request with the session and the CSRF token; JSON in and out. */
  request(method: string, path: string, body?: unknown): Promise<HttpAnswer>;
  /** As `request`, but any answer other than the expected one is an error. */
  expect(status: number, method: string, path: string, body?: unknown): Promise<HttpAnswer['body']>;
}

/** Opens a one-time link as a browser does: reads the page, keeps its cookies, sends its form. Answers the last page. */
export async function followLink(link: string, typed: Record<string, string>): Promise<HttpAnswer> {
  const page = await fetch(link);
  const cookies = page.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
  const text = await page.text();
  const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1];
  if (action === undefined) throw new Error(`There is no form behind the link: ${page.status} ${text.slice(0, 300)}`);
  const held = [...text.matchAll(/<input [^>]*>/g)].map(([input]) => [
    / name="([^"]*)"/.exec(input)?.[1] ?? '',
    / value="([^"]*)"/.exec(input)?.[1] ?? '',
  ]);
  const sent = await fetch(new URL(action, link), {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookies.join('; ') },
    body: new URLSearchParams({ ...Object.fromEntries(held), ...typed }).toString(),
  });
  return answerOf(sent);
}

/** Uses a set-up link and signs in. */
export async function setUp(link: string, email: string): Promise<Member> {
  const done = await followLink(link, { name: 'Ada', new_password: PASSWORD });
  if (done.status >= 400) throw new Error(`The set-up link was refused: ${done.status} ${done.text.slice(0, 500)}`);
  return signInAt(new URL(link).origin, email);
}

/** Signs in over the published interface. */
export async function signInAt(origin: string, email: string): Promise<Member> {
  const login = await answerOf(
    await fetch(`${origin}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    }),
  );
  if (login.status !== 200) throw new Error(`${email} cannot sign in: ${login.status} ${login.text}`);
  const bearer = { authorization: `Bearer ${login.body.token}` };
  const { csrf_token: csrf } = (await answerOf(await fetch(`${origin}/api/csrf-token`, { headers: bearer }))).body;
  const request = async (method: string, path: string, body?: unknown) => {
    const headers: Record<string, string> = { ...bearer, 'x-csrf-token': csrf };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init: RequestInit = { method, headers };
    if (body !== undefined) init.body = JSON.stringify(body);
    return answerOf(await fetch(`${origin}${path}`, init));
  };
  return {
    email,
    request,
    expect: async (status, method, path, body) => {
      const answer = await request(method, path, body);
      if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.body;
    },
  };
}

/** Every audit entry of a project that the filter lets through, the newest first. */
export async function entriesOf(
  member: Pick<Member, 'expect'>,
  projectId: string,
  filter = '',
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back
): Promise<any[]> {
  const entries = [];
  let cursor: string | null = null;
  do {
    const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const { logs, next_cursor } = await member.expect(
      200,
      'GET',
      `/api/projects/${projectId}/logs?limit=100${page}${filter}`,
    );
    entries.push(...logs);
    cursor = next_cursor;
  } while (cursor !== null);
  return entries;
}

async function answerOf(response: Response): Promise<HttpAnswer> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, body, text, headers: response.headers };
}
