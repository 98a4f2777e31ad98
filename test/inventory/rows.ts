import { readFileSync } from 'node:fs';

/** One documented endpoint. */
export interface Row {
  system: string;
  method: string;
  path: string;
  auth: string;
  area: string;
  purpose: string;
  origin: 'specification' | 'family' | 'sdk';
  /** `system METHOD path`; unique. */
  key: string;
}

/** The project's own copy of the endpoint list of all five contracts. */
export function readRows(): Row[] {
  const [, ...lines] = readFileSync(new URL('./endpoints.tsv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [system = '', method = '', path = '', auth = '', area = '', purpose = '', origin = ''] = line.split('\t');
    return {
      system,
      method,
      path,
      auth,
      area,
      purpose,
      origin: origin as Row['origin'],
      key: `${system} ${method} ${path}`,
    };
  });
}
