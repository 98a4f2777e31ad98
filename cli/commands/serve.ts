import type { Command } from 'commander';
import type { SessionOf } from './index.ts';

/** `czctl serve`: runs the server in the foreground until SIGINT or SIGTERM. */
export function registerServe(program: Command, sessionOf: SessionOf): void {
  program
    .command('serve')
    .description('run the server in the foreground')
    .addHelpText('after', '\nExamples:\n  czctl serve\n  CZ_PORT=9443 czctl serve --dir /opt/controlzero')
    .action(async (_options, command: Command) => {
      const { options, out } = sessionOf(command);
      const { serve } = await import('../../server/main.ts');
      const running = await serve({ home: options.home });
      out.say(`Control Zero serves ${out.paint.bold(running.url)} (stop with Ctrl-C)`);
      out.result('serving', { url: running.url, socket: running.socket });
      await stopSignal();
      out.note('Finishing accepted requests …');
      await running.close();
    });
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
