import type { Description } from '../../manifests/description.ts';
import { gap, ok, unknown } from '../row.ts';
import type { Check } from '../subject.ts';
import { databaseOf } from './database.ts';

/** Whether `/metrics` has the requests that the service answers, the queues that it consumes, and the pool of its database. */
export const metrics: Check = ({ project, description, observation: { failure, metrics: text } }) => {
  const name = 'metrics';
  const serve = `npx nx serve ${project.shortName}`;
  if (failure !== undefined) return unknown(name, 'it did not start', serve);
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, family]) => family!);
  const needed = neededFor(description);
  const missing = needed.filter((family) => !families.includes(family));
  if (missing.length > 0) return gap(name, `/metrics has no ${missing.join(', no ')}`, serve);
  const among = needed.length === 0 ? '' : `, ${needed.join(', ')} among them`;
  return ok(name, `/metrics has ${families.length} families${among}`);
};

/** What dashboards and alerts of the workspace are about, as far as the service has it. */
function neededFor({ contract: { operations, consumes, handles }, connections }: Description): string[] {
  return [
    ...(operations.length > 0 ? ['http_server_request_duration_seconds'] : []),
    ...(consumes.length + handles.length > 0 ? ['messaging_consumer_lag', 'messaging_dead_letters'] : []),
    ...(databaseOf(connections) ? ['db_client_connections'] : []),
  ];
}
