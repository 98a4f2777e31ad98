import { existsSync } from 'node:fs';
import { openAppliance } from '../server/appliance.ts';
import { lockDirectory } from '../server/db/lock.ts';
import { loadDeployment, socketPath } from '../server/deployment.ts';
import { systemClock } from '../server/kernel/clock.ts';
import { createLog } from '../server/kernel/logging.ts';
import { claimHeaders, type OperatorClient, operatorClient, socketTransport, type Transport } from './client.ts';

/**
 * Runs a command against the appliance of a directory: over the unix socket while a server runs there, else with the
 * same services in this process, under the directory's lock. Either way the command speaks to the same operator routes.
 */
export async function withAppliance<R>(home: string, work: (client: OperatorClient) => Promise<R>): Promise<R> {
  if (await isServing(home)) return work(operatorClient(socketTransport(socketPath(home)), () => claimHeaders(home)));
  return inProcess(home, work);
}

/** Whether a server of this directory answers on its socket. */
export async function isServing(home: string): Promise<boolean> {
  const socket = socketPath(home);
  return existsSync(socket) && (await answers(socket));
}

async function inProcess<R>(home: string, work: (client: OperatorClient) => Promise<R>): Promise<R> {
  const deployment = await loadDeployment(home);
  const lock = lockDirectory(home);
  try {
    const appliance = await openAppliance({
      ...deployment,
      clock: systemClock,
      log: createLog('error', process.stderr),
    });
    try {
      const transport: Transport = async (method, path, headers, body) => {
        const answer = await appliance.operatorApp.inject({
          method: method as 'GET',
          url: path,
          headers,
          ...(body === undefined ? {} : { payload: body }),
        });
        return { status: answer.statusCode, text: answer.body };
      };
      return await work(operatorClient(transport, () => claimHeaders(home)));
    } finally {
      await appliance.close();
    }
  } finally {
    lock.release();
  }
}

/** A socket file may be left over from a server that was killed. */
async function answers(socket: string): Promise<boolean> {
  try {
    return (await socketTransport(socket)('GET', '/health', {}, undefined)).status === 200;
  } catch {
    return false;
  }
}
