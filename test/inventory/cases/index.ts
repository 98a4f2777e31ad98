import type { Cases } from '../case.ts';
import { metaCases } from './meta.ts';

/** Every row that is shown to be served. */
export const allCases: Cases = { ...metaCases };
