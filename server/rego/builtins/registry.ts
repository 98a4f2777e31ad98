/** Every built-in function, by name. */
import { aggregates } from './aggregates.ts';
import { arrays } from './arrays.ts';
import { aws } from './aws.ts';
import { bits } from './bits.ts';
import { comparisons } from './comparison.ts';
import { crypto } from './crypto.ts';
import { encoding } from './encoding.ts';
import { environment } from './environment.ts';
import { formatting } from './formatting.ts';
import { glob } from './glob.ts';
import { graph } from './graph.ts';
import { graphql } from './graphql.ts';
import { json } from './json.ts';
import { jwt } from './jwt.ts';
import { meta } from './meta.ts';
import { net } from './net.ts';
import { numbers } from './numbers.ts';
import { objects } from './objects.ts';
import { regex } from './regex.ts';
import { schemas } from './schemas.ts';
import { semver } from './semver.ts';
import { sets } from './sets.ts';
import { strings } from './strings.ts';
import { templates } from './templates.ts';
import { time } from './time.ts';
import type { Builtin } from './types.ts';
import { typesAndCasts } from './types-and-casts.ts';
import { units } from './units.ts';
import { uris } from './uris.ts';
import { uuid } from './uuid.ts';
import { x509 } from './x509.ts';
import { yaml } from './yaml.ts';

const GROUPS: readonly (readonly Builtin[])[] = [
  aggregates,
  arrays,
  aws,
  bits,
  comparisons,
  crypto,
  encoding,
  environment,
  formatting,
  glob,
  graph,
  graphql,
  json,
  jwt,
  meta,
  net,
  numbers,
  objects,
  regex,
  schemas,
  semver,
  sets,
  strings,
  templates,
  time,
  typesAndCasts,
  units,
  uris,
  uuid,
  x509,
  yaml,
];

const BY_NAME: ReadonlyMap<string, Builtin> = new Map(GROUPS.flat().map((builtin) => [builtin.name, builtin]));

/** The built-in of this name, or undefined. */
export function lookup(name: string): Builtin | undefined {
  return BY_NAME.get(name);
}

/** Every built-in, in the order of the groups. */
export function all(): Iterable<Builtin> {
  return BY_NAME.values();
}
