import type { Command } from 'commander';
import type { SessionOf } from '../session.ts';
import { registerAudit } from './audit.ts';
import { registerBootstrapAdmin } from './bootstrap-admin.ts';
import { registerCompletion } from './completion.ts';
import { registerConfig } from './config.ts';
import { registerInit } from './init.ts';
import { registerKey } from './key.ts';
import { registerLicense } from './license.ts';
import { registerLink } from './link.ts';
import { registerOrg } from './org.ts';
import { registerPolicy } from './policy.ts';
import { registerPreflight } from './preflight.ts';
import { registerProject } from './project.ts';
import { registerRego } from './rego.ts';
import { registerServe } from './serve.ts';
import { registerVersion } from './version.ts';

/** The table of commands, in the order of `czctl --help`. */
export function registerCommands(program: Command, sessionOf: SessionOf): void {
  registerInit(program, sessionOf);
  registerPreflight(program, sessionOf);
  registerServe(program, sessionOf);
  registerBootstrapAdmin(program, sessionOf);
  registerLink(program, sessionOf);
  registerLicense(program, sessionOf);
  registerConfig(program, sessionOf);
  registerOrg(program, sessionOf);
  registerProject(program, sessionOf);
  registerKey(program, sessionOf);
  registerPolicy(program, sessionOf);
  registerRego(program, sessionOf);
  registerAudit(program, sessionOf);
  registerVersion(program, sessionOf);
  registerCompletion(program, sessionOf);
}
