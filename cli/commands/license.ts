import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { readArgument } from '../read-argument.ts';
import type { SessionOf } from '../session.ts';
import { withAppliance } from '../with-appliance.ts';

interface LicenseView {
  status: string;
  tier: string;
  features: string[];
  limits: Record<string, number>;
  license_id: string | null;
  expires_at: string | null;
}

/** `czctl license show|install|verify`, all without internet. */
export function registerLicense(program: Command, sessionOf: SessionOf): void {
  const license = program.command('license').description('show, install and verify licenses');

  license
    .command('show')
    .description('show the trial or license that counts now')
    .addHelpText('after', '\nExample:\n  czctl license show --json')
    .action(async (_options, command: Command) => {
      const { options, out } = sessionOf(command);
      show(await withAppliance(options.home, (client) => client.call<LicenseView>('GET', '/operator/license')), out);
    });

  license
    .command('install <license>')
    .description('install a license: its text, @FILE, or - for standard input')
    .addHelpText('after', '\nExamples:\n  czctl license install cz_ent_…\n  czctl license install @license.txt')
    .action(async (text: string, _options, command: Command) => {
      const { options, out } = sessionOf(command);
      show(
        await withAppliance(options.home, (client) =>
          client.call<LicenseView>('POST', '/operator/license', { license_key: readArgument(text) }),
        ),
        out,
      );
    });

  license
    .command('verify <license>')
    .description('say what a license is worth here, without installing it; exit code 1 when it does not verify')
    .addHelpText('after', '\nExample:\n  czctl license verify @license.txt')
    .action(async (text: string, _options, command: Command) => {
      const { options, out } = sessionOf(command);
      const verdict = await withAppliance(options.home, (client) =>
        client.call<{ status: string; message: string }>('POST', '/operator/license/verify', {
          license_key: readArgument(text),
        }),
      );
      out.say(`${verdict.status}: ${verdict.message}`);
      out.result('license-verdict', verdict);
      process.exitCode = verdict.status === 'valid' ? EXIT.ok : EXIT.failed;
    });
}

function show(license: LicenseView, out: Output): void {
  out.say(`Status   ${license.status}`);
  out.say(`Tier     ${license.tier}`);
  out.say(`Expires  ${license.expires_at ?? 'never started'}`);
  if (Object.keys(license.limits).length > 0)
    out.say(
      `Limits   ${Object.entries(license.limits)
        .map(([name, limit]) => `${name} ${limit}`)
        .join(', ')}`,
    );
  out.result('license', { ...license });
}
