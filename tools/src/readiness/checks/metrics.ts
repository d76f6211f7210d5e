import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';

/** What every dashboard and alert of the workspace is about. */
const needed = 'http_server_request_duration_seconds';

/** Whether `/metrics` has the requests that the service answers. */
export const metrics: Check = ({ project, observation: { failure, metrics: text } }) => {
  const name = 'metrics';
  const serve = `npx nx serve ${project.shortName}`;
  if (failure !== undefined) return unknown(name, 'it did not start', serve);
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, family]) => family!);
  if (!families.includes(needed)) return gap(name, `/metrics has no ${needed}`, serve);
  return ok(name, `/metrics has ${families.length} families, ${needed} among them`);
};
