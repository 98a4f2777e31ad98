import type { Kernel } from '../../kernel/kernel.ts';

/** What the services of organizations use of the kernel. */
export type OrgsKernel = Pick<Kernel, 'config' | 'clock' | 'newId' | 'log' | 'databases' | 'events'>;
