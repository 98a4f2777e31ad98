// `npm start`: dependencies, build, quickstart init where there is no deployment yet, serve.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureDependencies, root, run } from './dependencies.mjs';

ensureDependencies();
run(process.execPath, [join(root, 'scripts', 'build.mjs')]);

const home = resolve(process.env.CZ_HOME ?? join(root, '.controlzero'));
const czctl = join(root, 'bin', 'czctl');
const environment = { CZ_HOME: home };
if (!existsSync(join(home, '.env'))) run(process.execPath, [czctl, 'init', '--quickstart'], environment);
run(process.execPath, [czctl, 'serve'], environment);
