// `npm start`: dependencies, build, quickstart init where there is no deployment yet, serve.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureDependencies, root, run } from './dependencies.mjs';

ensureDependencies();
run(process.execPath, [join(root, 'scripts', 'build.mjs')]);

process.env.CZ_HOME = resolve(process.env.CZ_HOME ?? join(root, '.controlzero'));
// In this process, so that whoever stops `npm start` stops the server, which then finishes what it accepted.
const { main } = await import(pathToFileURL(join(root, 'dist', 'czctl.js')).href);
const czctl = (...args) => main([process.execPath, 'czctl', ...args]);

let code = existsSync(join(process.env.CZ_HOME, '.env')) ? 0 : await czctl('init', '--quickstart');
if (code === 0) code = await czctl('serve');
process.exitCode = code;
