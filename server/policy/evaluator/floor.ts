import { PolicyReadError } from './policy-error.ts';
import { isObject, member, strip } from './python-text.ts';

/** The SDK release whose behaviour this evaluator reproduces. */
export const referenceSdkVersion = '1.13.16';

/**
 * The `metadata.min_sdk_version` of a payload when the SDK is older than it, else undefined. A floor that is no text, is
 * empty or has no leading number never applies. (Python SDK notes 3.5, vectors 9.7.)
 * @throws PolicyReadError when the two versions cannot be compared (more than three numbers on one side)
 */
export function missedFloor(payload: Readonly<Record<string, unknown>>, sdkVersion: string): string | undefined {
  const metadata = member(payload, 'metadata');
  const floor = isObject(metadata) ? member(metadata, 'min_sdk_version') : undefined;
  if (typeof floor !== 'string' || floor === '') return undefined;
  return isOlder(parseVersion(sdkVersion), parseVersion(floor), floor) ? floor : undefined;
}

type VersionPart = number | string;

/** Numbers, then 1 for a release or 0 for a pre-release, then the pre-release's suffix. */
function parseVersion(text: string): VersionPart[] {
  const numbers: number[] = [];
  let suffix = '';
  for (const part of strip(text).replace(/^[vV]/, '').split('.')) {
    const digits = /^\d*/.exec(part)?.[0] ?? '';
    numbers.push(digits === '' ? 0 : Number(digits));
    suffix = part.slice(digits.length);
    if (suffix !== '') break;
  }
  while (numbers.length < 3) numbers.push(0);
  return [...numbers, suffix === '' ? 1 : 0, suffix];
}

function isOlder(left: readonly VersionPart[], right: readonly VersionPart[], floor: string): boolean {
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const a = left[at] as VersionPart;
    const b = right[at] as VersionPart;
    if (a === b) continue;
    if (typeof a !== typeof b) {
      throw new PolicyReadError(`version "${floor}" cannot be compared; write at most three numbers, e.g. 1.13.0`, {
        field: 'metadata.min_sdk_version',
      });
    }
    return a < b;
  }
  return left.length < right.length;
}
