import { trace } from '@opentelemetry/api';
import { defineContract, defineOperation } from '@org/contract';
import { defineService, opsSettings } from '../src/index.ts';

/** A service that does one thing, and ends by errors that nobody caught, for tests of the kernel. */
const work = defineOperation({
  id: 'work',
  method: 'GET',
  path: '/',
  summary: 'Works',
  success: { status: 200, description: 'Done' },
});

export const service = defineService({
  name: 'crasher',
  contract: defineContract({ name: 'crasher', version: '1.0.0', title: 'Crasher', operations: [work] }),
  config: { ops: opsSettings({ port: 0 }) },
  async start() {
    trace.getTracer('crasher').startSpan('the last work').end();
    setInterval(() => {
      throw new Error('nobody catches this');
    }, 10);
  },
});

if (import.meta.main) await service.run();
