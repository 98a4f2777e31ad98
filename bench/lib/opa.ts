import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { readTar } from '../../server/rego/bundle/tar.ts';

const run = promisify(execFile);
const LARGE_OUTPUT = { maxBuffer: 64 * 2 ** 20 };

/** The `opa` command, as far as benches need it. */
export class Opa {
  readonly #command: string;

  private constructor(command: string) {
    this.#command = command;
  }

  /** The command, or undefined when it does not run. */
  static async find(command: string): Promise<Opa | undefined> {
    return run(command, ['version']).then(
      () => new Opa(command),
      () => undefined,
    );
  }

  /** Makes a WebAssembly module of a policy; tells its file and how long that took. Throws with what OPA complained of. */
  async buildWasm(policyFile: string, entrypoint: string): Promise<{ file: string; milliseconds: number }> {
    const bundle = path.join(path.dirname(policyFile), 'bundle.tar.gz');
    const begun = performance.now();
    await run(this.#command, ['build', '-t', 'wasm', '-e', entrypoint.replaceAll('.', '/'), '-o', bundle, policyFile]);
    const milliseconds = performance.now() - begun;
    const module = readTar(gunzipSync(readFileSync(bundle))).find(({ name }) => name.endsWith('policy.wasm'));
    if (module === undefined) throw new Error(`${this.#command} build made a bundle without policy.wasm`);
    const file = path.join(path.dirname(policyFile), 'policy.wasm');
    writeFileSync(file, module.content);
    return { file, milliseconds };
  }

  /** Nanoseconds of one evaluation as `opa bench` measures them: its input is parsed beforehand. */
  async bench(policyFile: string, dataFile: string, inputFile: string, entrypoint: string): Promise<number> {
    const given = ['-d', policyFile, '-d', dataFile, '-i', inputFile, '--format', 'json'];
    const { stdout } = await run(this.#command, ['bench', ...given, `data.${entrypoint}`], LARGE_OUTPUT);
    const { N: evaluations, T: nanoseconds } = JSON.parse(stdout) as { N: number; T: number };
    return nanoseconds / evaluations;
  }

  /** How long checking a policy takes, with the start of the command. */
  async checkMilliseconds(policyFile: string): Promise<number> {
    const begun = performance.now();
    await run(this.#command, ['check', policyFile], LARGE_OUTPUT);
    return performance.now() - begun;
  }
}
