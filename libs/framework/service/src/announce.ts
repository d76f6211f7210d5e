import { isatty } from 'node:tty';
import type { Logging } from '@org/logging';

/** Says that the service is ready and where its parts are: one line in the log, and a list for a person at a terminal. */
export function announce(name: string, links: Readonly<Record<string, string>>, { logger }: Logging): void {
  if (!isatty(1)) return logger.info({ links }, `${name} is ready`);
  logger.info(`${name} is ready`);
  const width = Math.max(0, ...Object.keys(links).map((what) => what.length));
  const rows = Object.entries(links).map(([what, where]) => `    ${what.padEnd(width)}  ${where}\n`);
  process.stdout.write(`\n  ${name} is ready\n\n${rows.join('')}\n`);
}
