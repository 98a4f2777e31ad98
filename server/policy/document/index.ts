export { canonicalJson } from './canonical-json.ts';
export type * from './document.ts';
export { EFFECTS, SETTING_NAMES, SETTING_WORDS } from './document.ts';
export { needsVersionFloor, VERSION_FLOOR } from './older-sdks.ts';
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
