import { existsSync, readFileSync } from 'node:fs';

/** Which build is running. */
export interface BuildInfo {
  version: string;
  commit: string;
  /** RFC 3339 time of the build. */
  date: string;
}

/** Reads what the build wrote beside the bundle; in a source checkout the version comes from package.json. */
export function readBuildInfo(): BuildInfo {
  const beside = new URL('./build.json', import.meta.url);
  if (existsSync(beside)) return JSON.parse(readFileSync(beside, 'utf8')) as BuildInfo;
  const manifest = new URL('../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { version, commit: 'source', date: 'source' };
}
