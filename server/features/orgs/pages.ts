import type { Actor } from '../../kernel/actor.ts';
import { type Html, html, layout } from '../../kernel/pages.ts';
import type { InviteRow } from './invite-store.ts';
import type { OrgRow } from './store.ts';

const TITLE = 'Invitation';

/** What the link of an invite opens: what is offered, and the way to accept it for whoever looks. */
export function invitePage(
  { org, invite }: { org: OrgRow; invite: InviteRow },
  { actor, token, field }: { actor: Actor | null; token: string; field: Html },
): Html {
  return layout(
    TITLE,
    html`<p>${invite.invited_by_label} invites <strong>${invite.email}</strong> to join <strong>${org.name}</strong> with the role ${invite.role}.</p>
${wayToAccept(invite, actor, token, field)}`,
  );
}

/** What the form of an invite leads to. */
export function joinedPage(org: OrgRow): Html {
  return layout(
    'Welcome',
    html`<p>You are now a member of <strong>${org.name}</strong>.</p>
<p><a href="/ui/">Go on</a></p>`,
  );
}

/** Shown when a link has no token, or one that has ended. */
export function endedPage(problem: string): Html {
  return layout(TITLE, html`<p class="problem" role="alert">${problem}</p>`);
}

function wayToAccept(invite: InviteRow, actor: Actor | null, token: string, field: Html): Html {
  if (actor?.kind !== 'user') {
    const next = encodeURIComponent(`/ui/invite?token=${encodeURIComponent(token)}`);
    return html`<p>Sign in with this address to accept. <a href="/ui/sign-in?next=${next}">Sign in</a></p>
<p class="hint">No account yet? <a href="/ui/register">Register</a> with this address, confirm it, and open this link again.</p>`;
  }
  if (actor.email !== invite.email) {
    return html`<p class="problem" role="alert">You are signed in as ${actor.email}. Sign out and sign in as ${invite.email} to accept.</p>`;
  }
  return html`<form method="post" action="/ui/invite">
${field}
<input type="hidden" name="token" value="${token}">
<button type="submit">Accept</button>
</form>`;
}
