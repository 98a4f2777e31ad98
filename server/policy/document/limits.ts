/** Upper bounds of an author document. They keep every bundle far below the 16 MiB that SDKs read. */
export const LIMITS = {
  /** Bytes of a document as sent. */
  documentBytes: 1_048_576,
  /** Levels of nested lists and objects. */
  depth: 32,
  /** Values and keys of a YAML text; more cannot be a document within the other bounds. */
  parts: 100_000,
  rules: 1_000,
  patternsPerRule: 100,
  /** Rules after splitting, one per pattern. */
  patternsPerDocument: 4_000,
  patternLength: 256,
  resources: 200,
  resourceLength: 1_024,
  selectors: 100,
  selectorLength: 200,
  conditions: 32,
  conditionKeyLength: 128,
  conditionTextLength: 1_024,
  conditionList: 500,
  idLength: 64,
  nameLength: 200,
  reasonLength: 500,
  reasonCodeLength: 64,
  locales: 50,
  localeLength: 35,
  dlpRules: 500,
  dlpPatternLength: 1_024,
  keywords: 100,
  keywordLength: 100,
} as const;

/** Problems reported in one run; a document with more is cut off with a last line that says so. */
export const MAX_PROBLEMS = 200;
