import { serveRest } from '@org/api-rest';
import { swagger } from '@org/api-swagger';
import { defineService } from '@org/service';
import { createBearer } from './authenticate.ts';
import { config } from './config.ts';
import { contract, contractOf } from './contract.ts';
import { benchRoutes } from './routes.ts';

/** Those of the benchmark: every server takes the same tokens. They are for nothing else. */
const tokens = {
  secret: 'benchmark-only-shared-key-of-32-bytes!',
  issuer: 'https://issuer.example',
  audience: 'bench',
};

export const service = defineService({
  name: 'bench',
  config,
  contract,
  async start({ settings: { rest, bench }, start }) {
    const { operations: count, schemas, authentication, securityHeaders } = bench;
    const varied = contractOf({ count, schemas, authentication });
    const options = {
      contract: varied,
      routes: benchRoutes(varied),
      pages: [swagger()],
      authenticate: { bearer: createBearer(tokens) },
      ...(!securityHeaders && { securityHeaders: false as const }),
    };
    await start('rest', (runtime) => serveRest(rest, options, runtime));
  },
});

if (import.meta.main) await service.run();
