import { setTimeout as delay } from 'node:timers/promises';
import type { IExporterTransport } from '@opentelemetry/otlp-exporter-base';

const firstDelayMs = 1_000;
const factor = 1.5;

/** Sends again what may yet succeed, with growing and scattered delays, as long as the time-out lasts. */
export function retrying(transport: IExporterTransport): IExporterTransport {
  return {
    async send(data, timeoutMs) {
      const deadline = performance.now() + timeoutMs;
      for (let attempt = 0; ; attempt += 1) {
        const left = deadline - performance.now();
        const answer = await transport.send(data, left);
        const wait = firstDelayMs * factor ** attempt * (0.8 + 0.4 * Math.random());
        if (answer.status !== 'retryable' || performance.now() + wait >= deadline) return answer;
        // The process may end in between.
        await delay(wait, undefined, { ref: false });
      }
    },
    shutdown: () => transport.shutdown(),
  };
}
