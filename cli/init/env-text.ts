import { SETTING_LIST, type SettingName } from '../../server/kernel/config/settings.ts';

/** Settings that `init` writes with their chosen value; the rest stand as commented defaults. */
export type ChosenSettings = Partial<Record<SettingName, string>>;

/** The text of a new `.env`: every setting with its one-line meaning, chosen ones set, the others as commented defaults. */
export function envText(chosen: ChosenSettings, created: string): string {
  const lines = [
    `# Control Zero, self-managed. Written by "czctl init" at ${created}.`,
    '# Change values here or with "czctl config set NAME VALUE", then restart the server.',
    '',
  ];
  for (const { name, setting } of SETTING_LIST) {
    lines.push(`# ${setting.summary} (${setting.form})`);
    const value = chosen[name];
    const fallback = setting.format(setting.fallback);
    lines.push(
      value === undefined
        ? `#${setting.env}=${fallback}`
        : `${setting.env}=${/[\s#'"]/.test(value) ? `'${value}'` : value}`,
      '',
    );
  }
  return `${lines.join('\n')}\n`;
}
