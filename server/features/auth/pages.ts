import type { UserActor } from '../../kernel/actor.ts';
import { type Html, html, layout } from '../../kernel/pages.ts';

const PASSWORD_HINT = html`<p class="hint">At least 8 characters. Three or four unrelated words are easy to remember.</p>`;

/** The start page: what this is, who is signed in, where to go. */
export function startPage(user: UserActor | null, mayRegister: boolean, field: Html): Html {
  return layout(
    'Control Zero',
    html`<p>This is a self-managed Control Zero appliance. It governs what AI agents may do.</p>
${user === null ? signedOut(mayRegister) : signedInAs(user, field)}
<ul>
<li><a href="/devdocs">Interface documentation</a></li>
<li><a href="/openapi.json">OpenAPI document</a></li>
</ul>`,
  );
}

function signedOut(mayRegister: boolean): Html {
  return html`<p>You are not signed in.</p>
<ul>
<li><a href="/ui/sign-in">Sign in</a></li>
${mayRegister ? html`<li><a href="/ui/register">Register</a></li>` : null}
<li><a href="/ui/reset">Ask for a new password</a></li>
</ul>`;
}

function signedInAs(user: UserActor, field: Html): Html {
  const role = user.platformAdmin ? ' You are a platform admin.' : '';
  const unverified = user.emailVerified
    ? ''
    : ' Your address is not verified yet, so no invite and no right of administration counts for it.';
  return html`<p>You are signed in as ${user.email}.${role}${unverified}</p>
<form method="post" action="/ui/sign-out">${field}<button type="submit">Sign out</button></form>`;
}

/** Address and password. */
export function signInPage(field: Html, next: string, email: string, problem: string | null): Html {
  return layout(
    'Sign in',
    html`${problemText(problem)}<form method="post" action="/ui/sign-in">
${field}<input type="hidden" name="next" value="${next}">
${emailField(email)}
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button type="submit">Sign in</button>
</form>
<p><a href="/ui/reset">Ask for a new password</a></p>`,
  );
}

/** Address, name and a new password. */
export function registerPage(field: Html, values: { email: string; name: string }, problem: string | null): Html {
  return layout(
    'Register',
    html`${problemText(problem)}<form method="post" action="/ui/register">
${field}
${emailField(values.email)}
${nameField(values.name)}
${newPasswordField()}
<button type="submit">Register</button>
</form>`,
  );
}

/** Asks for a reset link. */
export function requestResetPage(field: Html, problem: string | null): Html {
  return layout(
    'Ask for a new password',
    html`${problemText(problem)}<form method="post" action="/ui/request-reset">
${field}
${emailField('')}
<button type="submit">Send the link</button>
</form>`,
  );
}

/** Sets a password with a link; `setup` also asks for the name. */
export function newPasswordPage(
  purpose: 'setup' | 'reset',
  field: Html,
  values: { token: string; name: string },
  problem: string | null,
): Html {
  return layout(
    purpose === 'setup' ? 'Set up your account' : 'Choose a new password',
    html`${problemText(problem)}<form method="post" action="/ui/${purpose}">
${field}<input type="hidden" name="token" value="${values.token}">
${purpose === 'setup' ? nameField(values.name) : null}
${newPasswordField()}
<button type="submit">Save the password</button>
</form>`,
  );
}

/** Verifies an address with a link and the password chosen at registration. */
export function verifyPage(field: Html, token: string, problem: string | null): Html {
  return layout(
    'Confirm your address',
    html`${problemText(problem)}<p>Type the password that you chose when you registered. If you did not register, close this page.</p>
<form method="post" action="/ui/verify">
${field}<input type="hidden" name="token" value="${token}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
<button type="submit">Confirm the address</button>
</form>`,
  );
}

/** Says that something was done, and where to go next. */
export function donePage(title: string, message: string): Html {
  return layout(title, html`<p role="status">${message}</p>\n<p><a href="/ui/sign-in">Sign in</a></p>`);
}

function problemText(problem: string | null): Html | null {
  return problem === null ? null : html`<p class="problem" role="alert">${problem}</p>\n`;
}

function emailField(value: string): Html {
  return html`<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required maxlength="254" value="${value}">`;
}

function nameField(value: string): Html {
  return html`<label for="name">Name</label>
<input id="name" name="name" autocomplete="name" maxlength="100" value="${value}">`;
}

function newPasswordField(): Html {
  return html`<label for="new_password">New password</label>
<input id="new_password" name="new_password" type="password" autocomplete="new-password" required maxlength="1024">
${PASSWORD_HINT}`;
}
