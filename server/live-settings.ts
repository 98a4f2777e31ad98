import { join } from 'node:path';
import { PATHS } from './deployment.ts';
import { type Config, loadConfig } from './kernel/config/load.ts';
import { SETTING_LIST } from './kernel/config/settings.ts';
import type { Log } from './kernel/logging.ts';
import { watchFiles } from './watch-files.ts';

/**
 * Takes the settings that need no restart into use when `.env` changes, and logs which of the others wait for one. A
 * file that cannot be used is logged and nothing changes. Returns how to stop.
 */
export function followSettings(running: Config, environment: NodeJS.ProcessEnv, log: Log): () => void {
  return watchFiles([join(running.home, PATHS.env)], () => {
    try {
      const config = loadConfig(running.home, environment);
      log.level = config.logLevel;
      const waiting = changedSettings(running, config);
      if (waiting.length > 0) log.warn({ settings: waiting }, 'settings were changed; restart the server to use them');
    } catch (error) {
      log.warn({ err: error }, 'the changed settings cannot be used; the old ones stay');
    }
  });
}

/** The names of settings that differ and count only after a restart. */
function changedSettings(running: Config, config: Config): string[] {
  return SETTING_LIST.filter(
    ({ name, setting }) => setting.restart && setting.format(running[name]) !== setting.format(config[name]),
  ).map(({ setting }) => setting.env);
}
