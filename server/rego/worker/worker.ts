/** The worker thread: answers the one request that it is started with. */
import { parentPort, workerData } from 'node:worker_threads';
import { answer } from './answer.ts';
import type { WorkerRequest } from './messages.ts';

if (parentPort === null) throw new Error('the Rego worker runs in a worker thread only');
parentPort.postMessage(answer(workerData as WorkerRequest));
