import { STANDARD_DEFAULTS } from '../../policy/document/defaults.ts';
import type {
  DefaultAction,
  DefaultOnEmpty,
  DefaultOnMissing,
  DefaultOnTamper,
} from '../../policy/document/document.ts';

/** How arguments of calls are stored in the audit database: names only, encrypted with the organization's key, or whole. */
export const AUDIT_REDACTIONS = ['redact', 'encrypted', 'full'] as const;
export type AuditRedaction = (typeof AUDIT_REDACTIONS)[number];

/** What an organization decides for itself; other features read it through `OrgsService.settingsOf`. */
export interface OrgSettings {
  /** What enrolled machines do with a bundle that was tampered with; also `default_on_tamper` of new projects. */
  tamper_behavior: DefaultOnTamper;
  audit_redaction: AuditRedaction;
  /** Whether somebody may approve what he asked for himself; meant for one-person teams. */
  self_approval: boolean;
  /** What new projects start with. */
  project_defaults: {
    default_action: DefaultAction;
    default_on_missing: DefaultOnMissing;
    default_on_empty: DefaultOnEmpty;
  };
}

/** A change of settings: what is absent stays. */
export interface OrgSettingsChange {
  tamper_behavior?: DefaultOnTamper;
  audit_redaction?: AuditRedaction;
  self_approval?: boolean;
  project_defaults?: Partial<OrgSettings['project_defaults']>;
}

/** The settings of an organization that chose none. */
const STANDARD_SETTINGS: OrgSettings = {
  tamper_behavior: STANDARD_DEFAULTS.default_on_tamper,
  audit_redaction: 'redact',
  self_approval: false,
  project_defaults: {
    default_action: STANDARD_DEFAULTS.default_action,
    default_on_missing: STANDARD_DEFAULTS.default_on_missing,
    default_on_empty: STANDARD_DEFAULTS.default_on_empty,
  },
};

/** The settings in force, from what is stored. */
export function readSettings(stored: string): OrgSettings {
  return changedSettings(STANDARD_SETTINGS, JSON.parse(stored) as OrgSettingsChange);
}

/** Settings after a change; neither argument is touched. */
export function changedSettings(settings: OrgSettings, change: OrgSettingsChange): OrgSettings {
  return {
    tamper_behavior: change.tamper_behavior ?? settings.tamper_behavior,
    audit_redaction: change.audit_redaction ?? settings.audit_redaction,
    self_approval: change.self_approval ?? settings.self_approval,
    project_defaults: { ...settings.project_defaults, ...change.project_defaults },
  };
}
