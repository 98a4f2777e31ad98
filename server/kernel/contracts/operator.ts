import type { Contract } from './contract.ts';
import { controlZero } from './control-zero.ts';

/** The operator's unix socket speaks like the main contract, with room for policy files and exports. */
export const operator: Contract = { ...controlZero, name: 'operator', bodyLimit: 16 * 1_048_576 };
