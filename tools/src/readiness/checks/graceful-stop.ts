import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether SIGTERM makes the service unready first, and then ends it with exit code 0. */
export const gracefulStop: Check = ({ project, observation: { stop } }) => {
  const name = 'graceful stop';
  const serve = `npx nx serve ${project.shortName}`;
  if (!stop) return unknown(name, 'it did not start', serve);
  const { exitCode, hung, ms, unreadyFirst } = stop;
  if (hung) return gap(name, `it went on after SIGTERM and was killed after ${seconds(ms)}`, serve);
  if (exitCode === null) return gap(name, 'a signal ended it, and no exit code of its own', serve);
  if (exitCode !== 0) return gap(name, `exit code ${exitCode} after SIGTERM`, serve);
  if (!unreadyFirst) return gap(name, 'it ended without being unready first, so requests would be lost', serve);
  return ok(name, `not ready at once after SIGTERM, exit code 0 in ${seconds(ms)}`);
};

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
