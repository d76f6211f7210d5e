import { restSettings, serveRest } from '@org/api-rest';
import { defineService, opsSettings } from '@org/service';
import { contract } from './contract.ts';
import { hostilePage } from './pages.ts';
import { hostileRoutes } from './routes.ts';

// Composed as the example is, of handlers that no review would let pass. Its middleware does nothing but be there, so that
// requests take the way through Express, and handlers get hold of the raw response.
export const service = defineService({
  name: 'hostile-service',
  config: { rest: restSettings({ port: 0 }), ops: opsSettings({ port: 0 }) },
  contract,
  async start({ settings, start }) {
    const routes = hostileRoutes();
    const options = { contract, routes, pages: [hostilePage], middleware: [passOn] };
    await start('rest', (runtime) => serveRest(settings.rest, options, runtime));
  },
});

function passOn(_request: unknown, _response: unknown, next: () => void): void {
  next();
}

if (import.meta.main) await service.run();
