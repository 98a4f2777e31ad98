/** Writes a policy in another layout: line breaks and spaces where the language allows them. */
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
