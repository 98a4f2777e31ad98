import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import { type MachineSignatureCheck, machineSigningString, verifyMachineSignature } from './machine-signature.ts';
import { signingKeyFromSeed } from './signing.ts';

const key = signingKeyFromSeed(Buffer.alloc(32, 7));
const machineId = '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0001';
const timestamp = '1750000000';
const now = 1_750_000_000_000;

function check(method: string, path: string, body: string, signature: string): MachineSignatureCheck {
  const request = { machineId, timestamp, method, path, body: Buffer.from(body) };
  return { ...request, signature, publicKey: key.publicKey, now, allowedSkewSeconds: 300 };
}

const policyPull = check(
  'GET',
  '/api/policy',
  '',
  'KWYJG9HZ2Nj9h9cy/sdLlwErefYuiSipSlD3pid8R3MqKzzPF8St7HctPlzy5m/Kt870jY813irGj9xWATrpAA==',
);

describe('machine signature', () => {
  test('the signed text is the five parts on lines of their own', () => {
    expect(machineSigningString(policyPull)).toBe(
      `${machineId}\n1750000000\nGET\n/api/policy\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`,
    );
  });

  test.each([
    ['GET', '/api/policy', '', policyPull.signature],
    [
      'POST',
      '/api/heartbeat',
      '',
      'zOnL43xaPtluXkugQW2UKhKXJFMOSyR3Dq+jJuwf2tblEnjlv1a6gVkOoZGsD4+RgebXBe/8twbdnj2rSltzAA==',
    ],
    [
      'POST',
      '/api/audit',
      '{"entries":[]}',
      'dzHHGCYtC44VaNSpCUeKrO+MfyCPSFHVLNuImi7fqkc5K01B1Za/IfmgQvq7XNsrblxlDYk9CD6iHymcC6ONCA==',
    ],
    [
      'POST',
      '/v1/sdk/tamper-alert',
      '{"source":"policy_hmac"}',
      'lLPQq5lpHRFMPTalpiDWFJoR0AuFxEW425bNo/kjbhcFSufTAbNBCBDHJ4w/ibj/aKnPB/nxcaIxHbyGFKHXBA==',
    ],
    [
      'GET',
      '/api/fleet/config',
      '',
      'uspVWfKiXYxkcWpNoAsfikvlf/VWf6l+bKN0JX0EHZkTyeLk10Mdthi/EaQFgOvTlBuEVbqJf5avDyKMm+EbAg==',
    ],
    [
      'POST',
      '/api/fleet/config/ack',
      '{"policy_version_pinned":3}',
      'Fdrppsx8fh8h4VkHO8LrdlYpczj8kv70aLLWDJ2gO0wbs+/lo0BXBApK00W0YdwDh8vsOZmnxaT1vrkfzLvwCA==',
    ],
  ])('the known signature of %s %s %s is made and accepted', (method, path, body, signature) => {
    const known = check(method, path, body, signature);
    const text = Buffer.from(machineSigningString(known));
    expect(key.sign(text).toString('base64')).toBe(signature);
    expect(nacl.sign.detached.verify(text, Buffer.from(signature, 'base64'), key.publicKey)).toBe(true);
    expect(verifyMachineSignature(known)).toEqual({ ok: true, skewSeconds: 0 });
    expect(verifyMachineSignature({ ...known, method: method.toLowerCase() }).ok).toBe(true);
  });

  test.each<[string, Partial<MachineSignatureCheck>]>([
    ['machine', { machineId: '0192aaaa-bbbb-7ccc-8ddd-eeeeffff0002' }],
    ['time', { timestamp: '1750000001' }],
    ['method', { method: 'POST' }],
    ['path', { path: '/pre/api/policy' }],
    ['query', { path: '/api/policy?x=1' }],
    ['body', { body: Buffer.from(' ') }],
    ['key', { publicKey: signingKeyFromSeed(Buffer.alloc(32, 8)).publicKey }],
  ])('another %s makes the signature wrong', (_what, change) => {
    expect(verifyMachineSignature({ ...policyPull, ...change })).toEqual({ ok: false, problem: 'wrong_signature' });
  });

  test.each([
    '',
    '1750000000.0',
    ' 1750000000',
    '1750000000\n',
    '+1750000000',
    '-1',
    '01750000000',
    '1e9',
    '175000000000',
  ])('the time %j is malformed', (text) => {
    expect(verifyMachineSignature({ ...policyPull, timestamp: text })).toMatchObject({
      problem: 'malformed_timestamp',
    });
  });

  test.each([
    '',
    'AAAA',
    policyPull.signature.replace('==', ''),
    policyPull.signature.replaceAll('/', '_'),
    `${policyPull.signature} `,
  ])('the signature text %j is malformed', (signature) => {
    expect(verifyMachineSignature({ ...policyPull, signature })).toEqual({ ok: false, problem: 'malformed_signature' });
  });

  test('the skew is allowed up to its limit, either way, and reported', () => {
    const at = (seconds: number, allowedSkewSeconds = 300) =>
      verifyMachineSignature({ ...policyPull, now: now + seconds * 1000, allowedSkewSeconds });
    expect(at(300)).toEqual({ ok: true, skewSeconds: -300 });
    expect(at(-300)).toEqual({ ok: true, skewSeconds: 300 });
    expect(at(301)).toEqual({ ok: false, problem: 'skew', skewSeconds: -301 });
    expect(at(-301)).toEqual({ ok: false, problem: 'skew', skewSeconds: 301 });
    expect(at(7 * 86_400, 7 * 86_400)).toEqual({ ok: true, skewSeconds: -604_800 });
  });

  test('a wrong clock is only said of a machine that signed rightly', () => {
    const late = { ...policyPull, now: now + 86_400_000, body: Buffer.from('x') };
    expect(verifyMachineSignature(late)).toEqual({ ok: false, problem: 'wrong_signature' });
  });

  test('an exact repeat passes again', () => {
    expect([1, 2, 3].map(() => verifyMachineSignature(policyPull).ok)).toEqual([true, true, true]);
  });
});
