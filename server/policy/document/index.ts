export { canonicalJson } from './canonical-json.ts';
export { CLIENT_LABELS, clientLabel, clientSpellings } from './client-labels.ts';
export { effectiveDefaults, effectWhenEmpty, type ProjectDefaults, STANDARD_DEFAULTS } from './defaults.ts';
export { type DocumentDiff, diffDocuments } from './diff.ts';
export type * from './document.ts';
export { EFFECTS, SETTING_NAMES, SETTING_WORDS } from './document.ts';
export { applyFix, applyFixToYaml } from './fix.ts';
export { documentJson, documentYaml, normaliseDocument } from './normalise.ts';
export {
  needsVersionFloor,
  type OlderSdkImpact,
  type OlderSdkRule,
  olderSdkImpact,
  VERSION_FLOOR,
} from './older-sdks.ts';
export { type DocumentFormat, type ParseResult, parsePolicyDocument, parsePolicyValue } from './parse.ts';
export type { Fix, PatchStep, Problem, Severity } from './problem.ts';
export { type Position, SourceMap } from './source-map.ts';
export {
  type CheckResult,
  checkPolicyDocument,
  checkPolicyValue,
  type ValidateOptions,
  validatePolicyDocument,
} from './validate.ts';
