import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** Where the audit writer's thread starts: beside this module in a bundle, or its source in a checkout. */
export function auditWriterUrl(): URL {
  return new URL(isSource(import.meta.url) ? './audit-writer.worker.ts' : './audit-writer.js', import.meta.url);
}

/**
 * Starts a worker thread from a bundled module or from TypeScript source.
 * A thread does not inherit the loader that the main thread may run under, so source brings its own.
 */
export function startThread(url: URL, options: WorkerOptions): Worker {
  if (!isSource(url.href)) return new Worker(url, options);
  // The twin that require() finds registers a module that only the import twin has beside it.
  const required = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api'));
  const loader = new URL('./index.mjs', required).href;
  const bootstrap = `import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(url.href)}); });`;
  return new Worker(bootstrap, { ...options, eval: true, execArgv: [] });
}

function isSource(url: string): boolean {
  return url.endsWith('.ts');
}
