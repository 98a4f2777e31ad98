/** Numbers the paths into `input` that a program reads, so that an evaluation walks each only once. */
import type { Value } from '../values.ts';
import { ABSENT } from './absent.ts';
import type { Getter } from './code.ts';
import { property } from './lookup.ts';

/** The paths of one program. */
export class InputPaths {
  readonly #numbers = new Map<string, number>();

  /** Compiles a path of names below `input`; what it leads to is remembered by the machine. */
  getter(names: readonly string[]): Getter {
    if (names.length === 0) return (machine) => machine.input;
    const key = JSON.stringify(names);
    const number = this.#numbers.get(key) ?? this.#numbers.size;
    this.#numbers.set(key, number);
    return (machine) => {
      const known = machine.inputParts[number];
      if (known !== undefined) return known === ABSENT ? undefined : known;
      let value: Value | undefined = machine.input;
      for (let at = 0; at < names.length && value !== undefined; at++) value = property(value, names[at]!);
      machine.inputParts[number] = value === undefined ? ABSENT : value;
      return value;
    };
  }
}
