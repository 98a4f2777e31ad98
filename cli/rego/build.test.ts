import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTar, writeTar } from '../../server/rego/bundle/tar.ts';
import { regoWorkspace } from '../testing/rego-workspace.ts';
import { buildCommand } from './build.ts';
import { checkCommand } from './check.ts';
import { evaluateCommand } from './evaluate.ts';
import { testCommand } from './test.ts';

const run = promisify(execFile);
const LIMITS = { timeout: '60s' };

const { folder, file, out, warnings, streams } = regoWorkspace();

beforeEach(() => {
  file('src/app.rego', 'package app\n\nallow if input.n < data.limits.max\n');
  file('src/app_test.rego', 'package app_test\n\nimport data.app\n\ntest_allow if app.allow with input.n as 1\n');
  file('src/data.json', '{"limits": {"max": 5, "big": 12345678901234567890}}');
  file('src/more/data.yaml', 'x: [1, two]\n');
  file('src/notes.txt', 'not for the bundle');
});

function keys(name: string, pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })) {
  return {
    private: file(`${name}.pem`, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
    public: file(`${name}.pub.pem`, pair.publicKey.export({ type: 'spki', format: 'pem' }) as string),
  };
}

const source = () => join(folder, 'src');
const bundle = () => join(folder, 'bundle.tar.gz');
const build = (flags: Partial<Parameters<typeof buildCommand>[1]> = {}, paths = [source()]) =>
  buildCommand(paths, { ...LIMITS, output: bundle(), ...flags }, streams);
const contentOf = (path: string) =>
  new Map(readTar(gunzipSync(readFileSync(path))).map(({ name, content }) => [name, Buffer.from(content).toString()]));

/** The bundle with the text of its first policy changed, and everything else as it was. */
function tampered(path: string): string {
  const files = readTar(gunzipSync(readFileSync(path))).map(({ name, content }) => ({
    name,
    content: name.endsWith('app.rego') ? Buffer.from('package app\n\nallow := true\n') : content,
  }));
  const changed = join(folder, 'tampered.tar.gz');
  writeFileSync(changed, gzipSync(writeTar(files)));
  return changed;
}

describe('czctl rego build', () => {
  it('packs policies and data with a manifest, and the bundle runs', async () => {
    expect(await build({ revision: 'r7' })).toBe(0);
    const files = contentOf(bundle());
    expect([...files.keys()].map((name) => name.replace(/.*\/(?=src\/)/, ''))).toEqual([
      'data.json',
      'src/app.rego',
      'src/app_test.rego',
      '.manifest',
    ]);
    expect(files.get('data.json')).toBe('{"limits":{"big":12345678901234567890,"max":5},"more":{"x":[1,"two"]}}');
    expect(files.get('.manifest')).toBe('{"revision":"r7","roots":[""],"rego_version":1}');
    expect(await testCommand([bundle()], { ...LIMITS, bundle: true }, streams)).toBe(0);
    expect(out).toEqual(['PASS: 1/1']);
  });

  it('makes the same bytes of the same files', async () => {
    await build();
    const first = readFileSync(bundle());
    await build();
    expect(Buffer.compare(readFileSync(bundle()), first)).toBe(0);
  });

  it('leaves the output as it was when something is wrong', async () => {
    writeFileSync(bundle(), 'what was there');
    file('src/bad.rego', 'package bad\n\np := x\n');
    expect(await build()).toBe(1);
    expect(warnings[0]).toContain('bad.rego:3: rego_unsafe_var_error: var x is unsafe');
    expect(readFileSync(bundle(), 'utf8')).toBe('what was there');
    rmSync(join(folder, 'src/bad.rego'));
    expect(await build({ output: join(folder, 'none', 'bundle.tar.gz') })).toBe(1);
    expect(warnings[1]).toContain('none/bundle.tar.gz: no such file or directory');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('joins bundles by their manifests, and refuses roots that overlap', async () => {
    file('one/.manifest', '{"revision": "m", "roots": ["one"], "metadata": {"a": 1}}');
    file('one/a.rego', 'package one\n\np := 1\n');
    file('two/.manifest', '{"roots": ["two"], "rego_version": 0}');
    file('two/b.rego', 'package two\n\np { true }\n');
    expect(await build({ bundle: true }, [join(folder, 'one')])).toBe(0);
    expect(JSON.parse(contentOf(bundle()).get('.manifest')!)).toEqual({
      revision: 'm',
      roots: ['one'],
      rego_version: 1,
      metadata: { a: 1 },
    });
    expect(await build({ bundle: true, revision: 'both' }, [join(folder, 'one'), join(folder, 'two')])).toBe(0);
    const { file_rego_versions: versions, ...manifest } = JSON.parse(contentOf(bundle()).get('.manifest')!);
    expect(manifest).toEqual({ revision: 'both', roots: ['one', 'two'], rego_version: 1 });
    expect(Object.values(versions)).toEqual([0]);
    expect(await checkCommand([bundle()], { ...LIMITS, maxErrors: '10', bundle: true }, streams)).toBe(0);
    expect(await build({ bundle: true }, [join(folder, 'one'), source()])).toBe(1);
    expect(warnings.at(-1)).toContain("cannot be used together: manifest has overlapped roots: '' and 'one'");
    const both = { ...LIMITS, maxErrors: '10', bundle: true };
    expect(await checkCommand([join(folder, 'one'), source()], both, streams)).toBe(1);
    expect(warnings.at(-1)).toContain('cannot be used together');
  });

  it('signs and verifies only bundles, and builds of a signed one only what it verified', async () => {
    const pair = keys('main');
    const signing = { signingKey: pair.private, signingAlg: 'ES256' } as const;
    expect(await build(signing)).toBe(1);
    expect(warnings[0]).toContain('enable bundle mode');
    expect(await build({ ...signing, bundle: true })).toBe(0);
    const again = { bundle: true, output: join(folder, 'again.tar.gz') };
    expect(await build(again, [bundle()])).toBe(1);
    expect(warnings[1]).toContain('no verification key');
    expect(existsSync(again.output)).toBe(false);
    const verification = { verificationKey: pair.public, signingAlg: 'ES256' } as const;
    expect(await build({ ...again, ...verification }, [bundle()])).toBe(0);
  });

  it('says what is wrong with a key, and nothing that a key holds', async () => {
    const pair = keys('main');
    const secret = 'canary-secret-of-the-key';
    for (const [flags, message] of [
      [{ signingKey: pair.public }, 'no PEM block of a private key'],
      [{ signingKey: pair.private }, 'the key is of kind ec (prime256v1), which RS256 does not use'],
      [{ signingKey: secret }, '--signing-key names no file that exists'],
      [{ signingKey: file('secret.txt', secret), signingAlg: 'RS256' }, 'no PEM block of a private key'],
    ] as const) {
      expect(await build({ bundle: true, ...flags })).toBe(1);
      expect(warnings.at(-1)).toContain(message);
    }
    expect(warnings.join()).not.toContain(secret);
  });
});

describe('signatures of bundles', () => {
  it('are verified by every command that reads a bundle, also one in a folder', async () => {
    const pair = keys('main');
    const other = keys('other');
    await build({ bundle: true, signingKey: pair.private, signingAlg: 'ES256' });
    const unpacked = join(folder, 'unpacked');
    for (const [name, text] of contentOf(bundle())) file(join('unpacked', name), text);
    const evaluate = (path: string, verificationKey: string, more: object = {}) =>
      evaluateCommand(
        'data.limits.max',
        { timeout: '60s', bundle: [path], format: 'raw', verificationKey, signingAlg: 'ES256', ...more },
        streams,
      );
    for (const path of [bundle(), unpacked]) {
      expect(await evaluate(path, pair.public)).toBe(0);
      expect(out.splice(0)).toEqual(['5']);
      expect(await evaluate(path, other.public)).toBe(2);
      expect(warnings.splice(0)[0]).toContain('the bundle signature is wrong');
    }
    expect(await evaluate(bundle(), pair.public, { scope: 'write' })).toBe(2);
    expect(warnings.splice(0)[0]).toContain('another scope');
    expect(await evaluate(source(), pair.public)).toBe(2);
    expect(warnings.splice(0)[0]).toContain('is not signed');
    const flags = { ...LIMITS, bundle: true, verificationKey: pair.public, signingAlg: 'ES256' } as const;
    expect(await checkCommand([tampered(bundle())], { ...flags, maxErrors: '10' }, streams)).toBe(1);
    expect(warnings.splice(0)[0]).toContain('is not what was signed');
    expect(await testCommand([tampered(bundle())], flags, streams)).toBe(1);
    expect(await checkCommand([source()], { ...flags, bundle: false, maxErrors: '10' }, streams)).toBe(1);
  });
});

/** The command of a real OPA, where one is installed. */
const opa = await findOpa();

async function findOpa(): Promise<string | undefined> {
  const downloaded = fileURLToPath(new URL('../../.cache/bin/opa', import.meta.url));
  for (const command of [downloaded, 'opa', join(homedir(), 'go', 'bin', 'opa')]) {
    const runs = await run(command, ['version']).then(
      ({ stdout }) => stdout.startsWith('Version: 1.'),
      () => false,
    );
    if (runs) return command;
  }
  return undefined;
}

describe.skipIf(opa === undefined)('beside a real OPA (opa in .cache/bin, in the path or in ~/go/bin)', () => {
  const exitCode = (...args: string[]) =>
    run(opa!, args, { cwd: folder }).then(
      () => 0,
      (error: { code: number }) => error.code,
    );
  const verifies = (path: string, ...flags: string[]) =>
    exitCode('build', '-b', path, '-o', join(folder, 'verified.tar.gz'), ...flags);

  it.each([
    ['RS256', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['PS384', () => generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['ES256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['ES512', () => generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ] as const)(
    'bundles signed with %s are verified by each other, and tampered ones by nobody',
    async (signingAlg, make) => {
      const pair = keys('main', make() as ReturnType<typeof generateKeyPairSync>);
      const check = (path: string) =>
        checkCommand(
          [path],
          { ...LIMITS, bundle: true, maxErrors: '10', verificationKey: pair.public, signingAlg },
          streams,
        );
      const flags = ['--verification-key', pair.public, '--signing-alg', signingAlg];

      expect(await build({ bundle: true, signingKey: pair.private, signingAlg })).toBe(0);
      expect(await verifies(bundle(), ...flags)).toBe(0);
      expect(await verifies(tampered(bundle()), ...flags)).toBe(1);
      const { stdout } = await run(opa!, ['eval', '-b', bundle(), '-f', 'raw', 'data.limits.big']);
      expect(stdout.trim()).toBe('12345678901234567890');

      const theirs = join(folder, 'theirs.tar.gz');
      const signing = ['--signing-key', pair.private, '--signing-alg', signingAlg];
      expect(await exitCode('build', '-b', 'src', '-o', theirs, '-r', 'r1', ...signing)).toBe(0);
      expect(await check(theirs)).toBe(0);
      expect(await check(tampered(theirs))).toBe(1);
      expect(warnings.at(-1)).toContain('is not what was signed');
    },
  );

  it('secrets and claims mean the same to both', async () => {
    const claimsFile = file('claims.json', '{"keyid": "k1", "scope": "write"}');
    const secret = { signingAlg: 'HS256' } as const;
    await build({ bundle: true, signingKey: 'a shared secret', claimsFile, ...secret });
    const flags = ['--verification-key', 'a shared secret', '--signing-alg', 'HS256'];
    expect(await verifies(bundle(), ...flags, '--scope', 'write')).toBe(0);
    expect(await verifies(bundle(), ...flags)).toBe(1);
    const theirs = join(folder, 'theirs.tar.gz');
    await exitCode(
      'build',
      '-b',
      'src',
      '-o',
      theirs,
      '--claims-file',
      claimsFile,
      '--signing-key',
      'a shared secret',
      '--signing-alg',
      'HS256',
    );
    const check = (scope?: string) =>
      checkCommand(
        [theirs],
        {
          ...LIMITS,
          bundle: true,
          maxErrors: '10',
          verificationKey: 'a shared secret',
          ...secret,
          ...(scope === undefined ? {} : { scope }),
        },
        streams,
      );
    expect(await check('write')).toBe(0);
    expect(await check()).toBe(1);
  });
});
