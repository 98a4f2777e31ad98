import type { Feature } from '../../kernel/surface.ts';
import { authOperatorRoutes } from './routes.operator.ts';
import { authRoutes } from './routes.ts';
import { authPages } from './routes-pages.ts';
import { type AuthKernel, type AuthParts, AuthService } from './service.ts';

const FLUSH_EVERY = 30_000;
const PURGE_EVERY = 10 * 60_000;

/** People: accounts, sign-in, sessions, one-time links and platform admins. */
export function authFeature(kernel: AuthKernel, parts: AuthParts): Feature & { service: AuthService } {
  const service = new AuthService(kernel, parts);
  kernel.credentials.register('session', (token) => service.sessions.resolve(token));
  const timers: NodeJS.Timeout[] = [];
  const every = (milliseconds: number, work: () => Promise<void>) => {
    const run = () => work().catch((error) => kernel.log.error({ err: error }, 'keeping sessions in order failed'));
    timers.push(setInterval(run, milliseconds).unref());
  };
  return {
    name: 'auth',
    service,
    routes: {
      'control-zero': (app) => {
        authRoutes(app, service);
        authPages(app, kernel, service);
      },
      operator: (app) => authOperatorRoutes(app, service),
    },
    start() {
      every(FLUSH_EVERY, () => service.flush());
      every(PURGE_EVERY, () => service.purge());
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await service.flush();
    },
  };
}
