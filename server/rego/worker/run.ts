/** Runs queries, tests and benchmarks in a thread of their own, so that nothing they do can hold or end the caller. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { WorkerRequest, WorkerResponse } from './messages.ts';

/** What the thread may take as a whole, loading and compiling included. */
export interface WorkerLimits {
  /** Wall-clock time. */
  readonly milliseconds: number;
  /** Heap of the thread, in MiB. */
  readonly memoryMegabytes: number;
}

/** The thread was ended because it went over a limit. */
export class WorkerLimitError extends Error {
  override readonly name = 'WorkerLimitError';
  readonly limit: keyof WorkerLimits;

  constructor(limit: keyof WorkerLimits, message: string) {
    super(message);
    this.limit = limit;
  }
}

/** Starts a thread; a caller that runs from TypeScript source hands in one that brings its loader. */
export type StartThread = (url: URL, options: WorkerOptions) => Worker;

/** V8 aborts the whole process where a thread has no room to report that its heap is full. */
const MINIMUM_MEGABYTES = 16;

/**
 * Runs the request in a new thread and gives its answer; the thread has ended then. Errors in policies, queries and
 * documents are an answer (`failed`). Throws WorkerLimitError when the thread took too long or too much memory, and
 * Error when it ended for another reason.
 */
export function runInWorker(
  request: WorkerRequest,
  limits: WorkerLimits,
  start: StartThread = (url, options) => new Worker(url, options),
): Promise<WorkerResponse> {
  const memory = Math.max(MINIMUM_MEGABYTES, limits.memoryMegabytes);
  const worker = start(workerUrl(), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: Math.max(4, Math.ceil(memory / 8)) },
  });
  return new Promise<WorkerResponse>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new WorkerLimitError('milliseconds', `stopped: it took longer than ${limits.milliseconds} ms`));
      void worker.terminate();
    }, limits.milliseconds);
    let response: WorkerResponse | undefined;
    worker.once('message', (message: WorkerResponse) => {
      response = message;
    });
    worker.once('error', (error) => reject(asLimit(error, memory)));
    worker.once('exit', (code) => {
      clearTimeout(timer);
      if (response === undefined) reject(new Error(`the Rego worker ended with code ${code} before it answered`));
      else resolve(response);
    });
  });
}

function asLimit(error: unknown, memory: number): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') return error;
  return new WorkerLimitError('memoryMegabytes', `stopped: it needed more than ${memory} MiB of memory`);
}

/** Where the thread starts: beside this module in a bundle, or its source in a checkout. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './rego-worker.js', import.meta.url);
}
