import { gap, ok } from '../row.ts';
import type { Check } from '../subject.ts';

/** Whether the three probes of the ops port answer with 200 once the service is ready. */
export const probes: Check = ({ project, observation: { failure, probes: statuses } }) => {
  const name = 'probes';
  const serve = `npx nx serve ${project.shortName}`;
  if (failure !== undefined) return gap(name, `the built service does not start: ${failure}`, serve);
  const bad = Object.entries(statuses).filter(([, status]) => status !== 200);
  if (bad.length === 0) return ok(name, `${Object.keys(statuses).join(', ')} answer with 200`);
  const shown = bad.map(([path, status]) => `${path} ${status === 0 ? 'does not answer' : `answers with ${status}`}`);
  return gap(name, shown.join(', '), serve);
};
