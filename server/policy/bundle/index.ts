export { type BundlePlace, PolicyBuildError } from './errors.ts';
export { type LivePolicy, orderPolicies, type PolicyScope, STANDARD_PRIORITY } from './order.ts';
export {
  type BuiltPayload,
  type BundleInput,
  type BundlePayload,
  type BundleProject,
  buildPayload,
  type RuleOrigin,
  type TagFor,
} from './payload.ts';
export { verifyPayload } from './verify.ts';
