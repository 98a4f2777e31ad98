import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createOutput, table } from './output.ts';

function stream(isTTY: boolean) {
  let text = '';
  const writable = new Writable({
    write(part, _encoding, done) {
      text += part;
      done();
    },
  });
  return Object.assign(writable, { isTTY, text: () => text });
}

describe('output', () => {
  const open = (json: boolean, terminal: boolean, environment: NodeJS.ProcessEnv = {}) => {
    const streams = { stdout: stream(terminal), stderr: stream(terminal) };
    return { out: createOutput(json, streams, environment), ...streams };
  };

  it('has colours on a terminal only, and not with NO_COLOR, a dumb terminal or --json', () => {
    const coloured = (...args: Parameters<typeof open>) => open(...args).out.paint.red('x') !== 'x';
    expect(coloured(false, true)).toBe(true);
    expect(coloured(false, false)).toBe(false);
    expect(coloured(false, true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(false, true, { NO_COLOR: '' })).toBe(true);
    expect(coloured(false, true, { TERM: 'dumb' })).toBe(false);
    expect(coloured(true, true)).toBe(false);
  });

  it('keeps colours out of errors that go to a file while the rest goes to a terminal', () => {
    const streams = { stdout: stream(true), stderr: stream(false) };
    const out = createOutput(false, streams, {});
    out.note(out.paint.red('error:'));
    expect(streams.stderr.text()).toBe('error:\n');
  });

  it('gives programs one document and nothing else', () => {
    const { out, stdout, stderr } = open(true, false);
    out.say('for people');
    out.note('for people');
    out.progress('for people');
    out.result('thing', { name: 'x' });
    expect(stdout.text()).toBe('{"version":1,"kind":"thing","name":"x"}\n');
    expect(stderr.text()).toBe('');
  });

  it('moves progress on a terminal and writes it line by line elsewhere, beside the data', () => {
    const terminal = open(false, true);
    terminal.out.progress('one');
    terminal.out.progress('two');
    terminal.out.done();
    expect(terminal.stderr.text()).toBe('\r\u001b[Kone\r\u001b[Ktwo\r\u001b[K');
    const file = open(false, false);
    file.out.progress('one');
    file.out.done();
    expect(file.stderr.text()).toBe('one\n');
    expect(file.stdout.text()).toBe('');
  });

  it('aligns the columns of a table', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'a'],
          ['22', ''],
        ],
      ),
    ).toBe('ID  NAME\n1   a\n22');
  });
});
