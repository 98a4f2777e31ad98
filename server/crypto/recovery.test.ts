import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import { generateRecoveryIdentity, parseRecipient, RecoveryKeyError, recipientOf } from './recovery.ts';

describe('recovery identity', () => {
  test('has the forms that age reads', () => {
    const { identity, recipient } = generateRecoveryIdentity();
    expect(identity).toMatch(/^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/);
    expect(recipient).toMatch(/^age1[02-9ac-hj-np-z]{58}$/);
    expect(generateRecoveryIdentity().identity).not.toBe(identity);
  });

  test('the recipient is the public half, also by another implementation', () => {
    const { identity, recipient } = generateRecoveryIdentity();
    const secret = decodeBech32('age-secret-key-', identity);
    expect(Buffer.from(nacl.scalarMult.base(secret))).toEqual(parseRecipient(recipient));
    expect(recipientOf(`  ${identity}\n`)).toBe(recipient);
    expect(recipientOf(identity.toLowerCase())).toBe(recipient);
  });

  test('the private key of RFC 7748, section 6.1, has its public key', () => {
    const secret = Buffer.from('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a', 'hex');
    const identity = encodeBech32('age-secret-key-', secret).toUpperCase();
    expect(parseRecipient(recipientOf(identity)).toString('hex')).toBe(
      '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    );
  });

  test('a published recipient is read', () => {
    expect(parseRecipient('age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p')).toHaveLength(32);
  });

  test('a mistyped or foreign text is refused without being repeated', () => {
    const { identity, recipient } = generateRecoveryIdentity();
    const mistyped = identity.slice(0, 30) + (identity[30] === 'Q' ? 'P' : 'Q') + identity.slice(31);
    for (const text of [
      mistyped,
      recipient,
      'hello',
      '',
      identity.slice(0, -1),
      encodeBech32('age-secret-key-', Buffer.alloc(31)),
    ]) {
      let thrown: unknown;
      try {
        recipientOf(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(RecoveryKeyError);
      if (text !== '') expect((thrown as Error).message).not.toContain(text.slice(20) || text);
    }
    expect(() => parseRecipient(identity)).toThrow(RecoveryKeyError);
    expect(() => parseRecipient(encodeBech32('age', Buffer.alloc(32)))).toThrow(/zero key/);
  });
});
