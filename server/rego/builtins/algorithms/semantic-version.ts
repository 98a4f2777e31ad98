/** Versions by Semantic Versioning 2.0.0, with an optional leading `v`. */

/** A parsed version; build metadata has no part in comparing and is only checked. */
export interface SemanticVersion {
  readonly core: readonly [bigint, bigint, bigint];
  readonly preRelease: readonly string[];
}

const VERSION =
  /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const INT64_MAX = 2n ** 63n - 1n;

/** The version of a text, or undefined when it is none. */
export function parseVersion(text: string): SemanticVersion | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  const core = [BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)] as const;
  const preRelease = match[4]?.split('.') ?? [];
  if (core.some((part) => part > INT64_MAX) || preRelease.some((part) => /^0\d+$/.test(part))) return undefined;
  return { core, preRelease };
}

/** Orders two versions: -1, 0 or 1. */
export function compareVersions(left: SemanticVersion, right: SemanticVersion): -1 | 0 | 1 {
  for (const [index, part] of left.core.entries()) {
    if (part !== right.core[index]) return part < right.core[index]! ? -1 : 1;
  }
  if (left.preRelease.length === 0 || right.preRelease.length === 0) {
    return Math.sign(right.preRelease.length - left.preRelease.length) as -1 | 0 | 1;
  }
  const length = Math.min(left.preRelease.length, right.preRelease.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareIdentifiers(left.preRelease[index]!, right.preRelease[index]!);
    if (order !== 0) return order;
  }
  return Math.sign(left.preRelease.length - right.preRelease.length) as -1 | 0 | 1;
}

function compareIdentifiers(left: string, right: string): -1 | 0 | 1 {
  if (left === right) return 0;
  const leftNumeric = /^\d+$/.test(left);
  const rightNumeric = /^\d+$/.test(right);
  if (leftNumeric !== rightNumeric) return leftNumeric ? -1 : 1;
  if (leftNumeric && left.length !== right.length) return left.length < right.length ? -1 : 1;
  return left < right ? -1 : 1;
}
