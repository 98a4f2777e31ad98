import type { Command } from 'commander';
import type { SessionOf } from '../session.ts';

/** `czctl serve`: runs the server in the foreground until SIGINT or SIGTERM. */
export function registerServe(program: Command, sessionOf: SessionOf): void {
  program
    .command('serve')
    .description('run the server in the foreground')
    .addHelpText(
      'after',
      '\nLogs are JSON lines on standard output; with --json on standard error, beside the one document on standard output.\n\nExamples:\n  czctl serve\n  CZ_PORT=9443 czctl serve --dir /opt/controlzero',
    )
    .action(async (_options, command: Command) => {
      const { options, out } = sessionOf(command);
      // Heeded from the beginning: whoever stops a server that still starts gets an orderly end as well.
      const stopped = stopSignal();
      const { serve } = await import('../../server/main.ts');
      // Under --json standard output holds one document and nothing else.
      const running = await serve({ home: options.home, ...(options.json ? { logTo: process.stderr } : {}) });
      out.say(`Control Zero serves ${out.paint.bold(running.url)} (stop with Ctrl-C)`);
      out.result('serving', { url: running.url, socket: running.socket });
      await stopped;
      out.note('Finishing accepted requests …');
      await running.close();
    });
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
