import { BuiltinError } from '../../errors.ts';
import { quote } from '../algorithms/quote.ts';
import { MAIN, type Shown, shownText } from './nodes.ts';

/** Where the execution is: messages tell the part of the template that was looked at last, as in Go. */
export class Place {
  readonly #text: string;
  #template = MAIN;
  #node: Shown | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(node: Shown): void {
    this.#node = node;
  }

  /** Executes a template that another one calls. */
  within(name: string, run: () => void): void {
    const [template, node] = [this.#template, this.#node];
    this.#template = name;
    run();
    [this.#template, this.#node] = [template, node];
  }

  fail(reason: string): BuiltinError {
    if (!this.#node) return new BuiltinError(`template: ${this.#template}: ${reason}`);
    const before = this.#text.slice(0, this.#node.at);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
    const where = `${MAIN}:${line}:${column}: executing ${quote(this.#template)} at <${shownText(this.#node)}>`;
    return new BuiltinError(`template: ${where}: ${reason}`);
  }
}
