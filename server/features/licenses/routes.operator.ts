import { Type } from 'typebox';
import { operator } from '../../kernel/access.ts';
import { rfc3339 } from '../../kernel/clock.ts';
import { none } from '../../kernel/route-config.ts';
import type { Surface } from '../../kernel/surface.ts';
import type { LicensesService } from './service.ts';
import type { LicenseState } from './state.ts';

const LicenseText = Type.Object(
  { license_key: Type.String({ minLength: 1, maxLength: 20_000 }) },
  { additionalProperties: false },
);

/** `czctl license show|install|verify` and the trial that `init` starts. */
export function licensesOperatorRoutes(app: Surface, licenses: LicensesService): void {
  const access = operator();
  app.get('/operator/license', { schema: { summary: 'Show the license' }, config: { access } }, async () =>
    view(licenses.state()),
  );
  app.post(
    '/operator/license',
    { schema: { summary: 'Install a license', body: LicenseText }, config: { access, activity: 'license.install' } },
    async (request) => view(await licenses.install(request.context, request.body.license_key)),
  );
  app.post(
    '/operator/license/verify',
    {
      schema: { summary: 'Verify a license', body: LicenseText },
      config: { access, activity: none('looks at a license, changes nothing') },
    },
    async (request) => licenses.inspect(request.body.license_key),
  );
  app.post(
    '/operator/trial',
    {
      schema: { summary: 'Start the trial' },
      config: { access, activity: none('the service records the start; a second call changes nothing') },
    },
    async (request) => ({
      started: await licenses.startTrial(request.context),
      license: view(licenses.state()),
    }),
  );
}

function view(state: LicenseState) {
  return {
    status: state.status,
    tier: state.tier,
    features: state.features,
    limits: state.limits,
    license_id: state.licenseId,
    expires_at: state.expiresAt === null ? null : rfc3339(state.expiresAt),
  };
}
