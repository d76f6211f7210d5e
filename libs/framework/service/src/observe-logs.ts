import type { Logging } from '@org/logging';
import { createInstruments } from '@org/metrics';

/**
 * Makes metrics of what logging counts, until they are disposed. Logging itself starts before telemetry, and can measure
 * nothing.
 */
export function observeLogs({ counts }: Pick<Logging, 'counts'>): Disposable {
  const instruments = createInstruments('@org/logging');
  const written = instruments.observableCounter('log.lines', {
    description: 'Lines logged, by level.',
    unit: '{line}',
  });
  const dropped = instruments.observableCounter('log.lines.dropped', {
    description: 'Lines lost, by the handler that could not write them and why.',
    unit: '{line}',
  });
  const suppressed = instruments.observableCounter('log.lines.suppressed', {
    description: 'Lines left out because they said the same again and again.',
    unit: '{line}',
  });
  const observeWritten: Parameters<typeof written.addCallback>[0] = (result) => {
    for (const [level, lines] of Object.entries(counts.written)) result.observe(lines, { 'log.level': level });
  };
  const observeDropped: Parameters<typeof dropped.addCallback>[0] = (result) => {
    // A service that lost nothing shows so.
    if (counts.dropped === 0) result.observe(0);
    for (const [handler, reasons] of Object.entries(counts.droppedBy)) {
      for (const [reason, lines] of Object.entries(reasons)) {
        result.observe(lines, { 'log.handler': handler, 'error.type': reason });
      }
    }
  };
  const observeSuppressed: Parameters<typeof suppressed.addCallback>[0] = (result) => result.observe(counts.suppressed);
  written.addCallback(observeWritten);
  dropped.addCallback(observeDropped);
  suppressed.addCallback(observeSuppressed);
  return {
    [Symbol.dispose]() {
      written.removeCallback(observeWritten);
      dropped.removeCallback(observeDropped);
      suppressed.removeCallback(observeSuppressed);
    },
  };
}
