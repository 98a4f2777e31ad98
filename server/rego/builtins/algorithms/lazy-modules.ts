/** Libraries that only some policies need, loaded when the first of them does. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** A function that loads the library at its first call; built-ins cannot wait for an asynchronous import. */
export function lazyModule<Module>(name: string): () => Module {
  let loaded: Module | undefined;
  return () => {
    loaded ??= require(name) as Module;
    return loaded;
  };
}
