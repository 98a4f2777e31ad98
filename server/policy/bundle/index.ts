export { effectiveDefaults, effectWhenEmpty, type ProjectDefaults, STANDARD_DEFAULTS } from '../document/defaults.ts';
export { CLIENT_LABELS, clientLabel, clientSpellings } from './client-labels.ts';
export { type BundlePlace, PolicyBuildError } from './errors.ts';
export { type LivePolicy, orderPolicies, type PolicyScope, STANDARD_PRIORITY } from './order.ts';
export {
  appliesTo,
  type BuiltPayload,
  type BundleInput,
  type BundlePayload,
  type BundleProject,
  buildPayload,
  type RuleOrigin,
  type TagFor,
} from './payload.ts';
export { verifyPayload } from './verify.ts';
