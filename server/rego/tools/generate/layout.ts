/** Writes a policy in another layout: line breaks, spaces and comments where the language allows them. */
import { lex } from '../../syntax/lexer.ts';
import { Source } from '../../syntax/source.ts';
import { Random } from './random.ts';

/** The module in a layout that the seed decides; it means the same. */
export function disturbLayout(module: string, seed: number): string {
  const random = new Random(seed);
  const { tokens } = lex(new Source('policy.rego', module));
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const gap = before === undefined ? '' : module.slice(before.end, token.offset);
    if (gap.includes('\n')) text += random.chance(5) ? `\n${gap}` : gap;
    else if (before?.text === ',') text += random.chance(9) ? '\n\t' : gap;
    else if (token.text === 'with') text += random.chance(15) ? '\n\t\t' : gap;
    else text += gap === ' ' && random.chance(5) ? '  ' : gap;
    text += token.text;
  }
  return text;
}

/**
 * The module with comments and empty lines among its lines, where the seed puts them; it means the same. The choices are
 * others than those of the module itself, so that a seed keeps its module.
 */
export function disturbComments(module: string, seed: number): string {
  const random = new Random(seed ^ 0x5eed);
  const { tokens } = lex(new Source('policy.rego', module));
  let text = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const gap = before === undefined ? '' : module.slice(before.end, token.offset);
    const line = text.slice(text.lastIndexOf('\n') + 1);
    text += gap.includes('\n') ? disturbedBreak(gap, line, random, index) : gap;
    text += token.text;
  }
  return text;
}

/**
 * A line break with at most one disturbance, mostly none. No comment goes beside a template string: OPA moves it into the
 * string, where it is lost.
 */
function disturbedBreak(gap: string, line: string, random: Random, index: number): string {
  if (random.chance(80)) return gap;
  const note = `# note ${index}`;
  const below = [
    `\n${note}${gap}`,
    `\n\n\t${note}${gap}`,
    `\n${note}\n\n# more${gap}`,
    `\n${note}\n${gap}`,
    `\n${gap}`,
    gap.replace(/\n\s*\n/, '\n'),
  ];
  const beside = [` ${note}${gap}`, ` ${note}\n# more${gap}`];
  return random.pick(/\$["`]/.test(line) ? below : [...below, ...beside]);
}
