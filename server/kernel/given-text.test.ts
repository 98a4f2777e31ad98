import { describe, expect, it } from 'vitest';
import { givenAddress, givenName, givenText } from './given-text.ts';

const refusal = { status: 400, code: 'VALIDATION_FAILED' };
const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('a given name', () => {
  it('is trimmed and composed', () => {
    expect(givenName('  Cafe\u0301 ', 'a project')).toBe('Caf\u00e9');
  });

  it('is neither empty nor invisible', () => {
    for (const text of ['', '  ', 'a\u0000b', 'a\nb', 'a\u007f', 'a\u009bb']) {
      expect([text, thrownBy(() => givenName(text, 'a project'))]).toMatchObject([text, refusal]);
    }
  });
});

describe('a given text', () => {
  it('may have lines and tabs, and may be empty', () => {
    for (const text of ['', 'one\ntwo\r\n\tthree']) expect(givenText(text, 'description')).toBe(text);
  });

  it('has no other control characters', () => {
    expect(thrownBy(() => givenText('a\u0000', 'description'))).toMatchObject(refusal);
  });
});

describe('a given address', () => {
  it('is trimmed and in lower case', () => {
    expect(givenAddress(' Ada@Example.COM ')).toBe('ada@example.com');
  });

  it('is an address', () => {
    for (const text of ['', 'ada', 'a@', 'a b@example.com', 'a\u0000@example.com', 'a@example.com\nb@example.com']) {
      expect([text, thrownBy(() => givenAddress(text))]).toMatchObject([text, refusal]);
    }
  });
});
