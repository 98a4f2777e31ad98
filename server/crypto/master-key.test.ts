import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createMasterKeyFile,
  generateMasterKey,
  loadMasterKey,
  MasterKeyError,
  parseMasterKey,
  readMasterKeyFile,
} from './master-key.ts';
import { createPassphraseSettings, readPassphraseSettings } from './passphrase.ts';

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const passphrase = 'four unrelated quiet words';
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cz-master-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileWith(content: string | Buffer, mode = 0o600): Promise<string> {
  const path = join(folder, 'master.key');
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

describe('master key', () => {
  test.each([
    ['base64', key.toString('base64')],
    ['base64url', key.toString('base64url')],
    ['hexadecimal', key.toString('hex')],
    ['upper-case hexadecimal with line break', `${key.toString('hex').toUpperCase()}\n`],
  ])('is read from the environment as %s', async (_form, text) => {
    expect(await loadMasterKey({ environment: text })).toEqual(key);
  });

  test.each([
    ['nothing', '', /CZ_MASTER_KEY is empty/],
    ['a word', 'canary secret', /neither base64 nor hexadecimal/],
    ['16 bytes', Buffer.alloc(16, 'canary').toString('base64'), /decodes to 16 bytes/],
    ['zeros', Buffer.alloc(32).toString('hex'), /repeated 32 times/],
  ])('%s in the environment is refused with the reason and without the value', async (_what, text, reason) => {
    const error = await loadMasterKey({ environment: text }).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(MasterKeyError);
    expect((error as Error).message).toMatch(reason);
    if (text !== '') expect((error as Error).message).not.toContain(text);
  });

  test('is read from a file as text or as raw bytes', async () => {
    expect(await readMasterKeyFile(await fileWith(`${key.toString('base64')}\n`))).toEqual(key);
    expect(await loadMasterKey({ file: await fileWith(key) })).toEqual(key);
    expect(await readMasterKeyFile(await fileWith(key.toString('hex'), 0o400))).toEqual(key);
  });

  test.each([0o640, 0o604, 0o660, 0o644, 0o610])(
    'a file of mode %o is refused, with the command that mends it',
    async (mode) => {
      const path = await fileWith(key.toString('base64'), mode);
      await expect(readMasterKeyFile(path)).rejects.toThrow(`mode 0${mode.toString(8)}); run: chmod 600 ${path}`);
    },
  );

  test('a missing file, a folder and a wrong content are told apart', async () => {
    await expect(readMasterKeyFile(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
    await expect(readMasterKeyFile(folder)).rejects.toThrow(/not a plain file/);
    await expect(readMasterKeyFile(await fileWith('short'))).rejects.toThrow(/decodes to 3 bytes/);
    await expect(readMasterKeyFile(await fileWith('x'.repeat(5000)))).rejects.toThrow(/5000 bytes/);
  });

  test('a new file holds a random key for its owner only and is never overwritten', async () => {
    const path = join(folder, 'new.key');
    const created = await createMasterKeyFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readMasterKeyFile(path)).toEqual(created);
    const before = await readFile(path);
    await expect(createMasterKeyFile(path)).rejects.toThrow(/never overwritten/);
    expect(await readFile(path)).toEqual(before);
    expect(generateMasterKey()).not.toEqual(generateMasterKey());
  });

  test('comes from a passphrase and its settings file, also with a final line break', async () => {
    const settingsFile = join(folder, 'passphrase.json');
    const made = await createPassphraseSettings(settingsFile, passphrase);
    expect(made).toHaveLength(32);
    expect((await stat(settingsFile)).mode & 0o777).toBe(0o600);
    expect(await loadMasterKey({ passphrase: { text: `${passphrase}\n`, settingsFile } })).toEqual(made);
    await expect(loadMasterKey({ passphrase: { text: 'another passphrase', settingsFile } })).rejects.toThrow(
      /type it again/,
    );
    await expect(createPassphraseSettings(settingsFile, passphrase)).rejects.toThrow(/never overwritten/);
    await expect(createPassphraseSettings(join(folder, 'b'), 'too short')).rejects.toThrow(/at least 16/);
  });

  test('two settings files give two keys for the same passphrase', async () => {
    const first = await createPassphraseSettings(join(folder, 'a'), passphrase);
    expect(await createPassphraseSettings(join(folder, 'b'), passphrase)).not.toEqual(first);
  });

  test.each([
    ['weaker memory', { memory_kib: 1024 }, /memory_kib outside/],
    ['one pass', { passes: 1 }, /passes outside/],
    ['absurd memory', { memory_kib: 2 ** 31 }, /memory_kib outside/],
    ['another algorithm', { algorithm: 'md5' }, /no known algorithm/],
    ['a short salt', { salt: 'AAAA' }, /no valid salt/],
    ['no id', { master_key_id: null }, /no master_key_id/],
  ])('settings with %s are refused', async (_what, change, reason) => {
    const settings = {
      algorithm: 'argon2id',
      salt: Buffer.alloc(16, 7).toString('base64'),
      memory_kib: 65_536,
      passes: 3,
      lanes: 1,
      master_key_id: '0011223344556677',
    };
    await expect(readPassphraseSettings(await fileWith(JSON.stringify({ ...settings, ...change })))).rejects.toThrow(
      reason,
    );
  });

  test('no source and several sources are refused by name', async () => {
    await expect(loadMasterKey({})).rejects.toThrow(/No master key is configured/);
    await expect(loadMasterKey({ file: '/x', environment: 'y' })).rejects.toThrow(/a key file, CZ_MASTER_KEY/);
  });

  test('text is read for any source by name', () => {
    expect(() => parseMasterKey('?', 'The prompt')).toThrow(/^The prompt is neither/);
  });
});
