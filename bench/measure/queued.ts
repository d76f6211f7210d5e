import type { Finding } from './limits.ts';
import { brokers, startSide } from './messages.ts';

/** How many are sent between two looks at the memory, and taken at the end while all the others wait. */
const step = 50_000;

/** What a publisher and a consumer hold in memory while very many messages wait in the queue of a durable broker. */
export async function measureQueued({ queued }: { queued: number }): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, start] of Object.entries(brokers)) {
    await using ours = await startSide(name, start, 'ours');
    const residentBytes = async (operation: 'publish' | 'consume') =>
      (await ours.perform({ operation, count: step, bytes: 256 })).residentBytes;
    // What a process holds settles while it warms up.
    await residentBytes('publish');
    const early = await residentBytes('publish');
    let late = early;
    for (let sent = 2 * step; sent < queued; sent += step) late = await residentBytes('publish');
    const taking = await residentBytes('consume');
    const what = `${name}: memory with ${queued} messages queued, to that with ${2 * step}`;
    findings.push({ what: `${what}, publishing`, value: late / early, atMost: 1.2 });
    findings.push({ what: `${what}, consuming`, value: taking / early, atMost: 1.2 });
  }
  return findings;
}
