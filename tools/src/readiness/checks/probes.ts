import type { Answer } from '../observe.ts';
import { gap, ok } from '../row.ts';
import type { Check } from '../subject.ts';

/** How long an answer may take: the shortest `timeoutSeconds` in the Deployment that is rendered. */
const limitMs = 2_000;

/** Whether the three probes of the ops port answer with 200 once the service is ready, before the kubelet gives up on them. */
export const probes: Check = ({ project, observation: { failure, probes: answers } }) => {
  const name = 'probes';
  const serve = `npx nx serve ${project.shortName}`;
  if (failure !== undefined) return gap(name, `the built service does not start: ${failure}`, serve);
  const bad = Object.entries(answers).filter(([, { status, ms }]) => status !== 200 || ms > limitMs);
  if (bad.length === 0) return ok(name, `${Object.keys(answers).join(', ')} answer with 200`);
  return gap(name, bad.map(([path, answer]) => `${path} ${shown(answer)}`).join(', '), serve);
};

function shown({ status, ms }: Answer): string {
  if (status === 0) return 'does not answer';
  if (status !== 200) return `answers with ${status}`;
  return `answers after ${(ms / 1_000).toFixed(1)} s, which a prober does not wait for`;
}
