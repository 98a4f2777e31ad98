import type { DefaultAction, PolicyDocument, PolicySettings, SettingName } from './document.ts';
import { SETTING_NAMES, SETTING_WORDS } from './document.ts';

/** What a project decides where no rule does. */
export type ProjectDefaults = Required<PolicySettings>;

/** The defaults of a project for which nobody chose others. */
export const STANDARD_DEFAULTS: ProjectDefaults = {
  default_action: 'deny',
  default_on_missing: 'deny',
  default_on_empty: 'observe',
  default_on_tamper: 'warn',
};

/** How strict a word of a setting is; a higher number is stricter. Words are compared within one setting only. */
export function strictness(name: SettingName, word: string): number {
  return (SETTING_WORDS[name] as readonly string[]).indexOf(word);
}

/**
 * The project's defaults, tightened by the settings of its documents: of several words for a setting the strictest
 * holds, and no document can loosen what the project says.
 */
export function effectiveDefaults(project: ProjectDefaults, documents: readonly PolicyDocument[]): ProjectDefaults {
  const effective: Record<SettingName, string> = { ...project };
  for (const { settings } of documents) {
    for (const name of SETTING_NAMES) {
      const word = settings?.[name];
      if (word !== undefined && strictness(name, word) > strictness(name, effective[name])) effective[name] = word;
    }
  }
  return effective as ProjectDefaults;
}

/** What calls get in a project without any policy: observing lets them through. */
export function effectWhenEmpty(defaults: ProjectDefaults): DefaultAction {
  return defaults.default_on_empty === 'observe' ? 'allow' : defaults.default_on_empty;
}
