import type { Cases } from '../case.ts';
import { adminCases } from './admin.ts';
import { auditCases } from './audit.ts';
import { authCases } from './auth.ts';
import { bundlesCases } from './bundles.ts';
import { licensesCases } from './licenses.ts';
import { metaCases } from './meta.ts';
import { orgsCases } from './orgs.ts';
import { policiesCases } from './policies.ts';
import { projectsCases } from './projects.ts';

/** Every row that is shown to be served. */
export const allCases: Cases = {
  ...licensesCases,
  ...auditCases,
  ...authCases,
  ...adminCases,
  ...bundlesCases,
  ...metaCases,
  ...orgsCases,
  ...policiesCases,
  ...projectsCases,
};
