import type { JetStreamManager } from '@nats-io/jetstream';

/**
 * Makes what deletes from a stream the messages that all of its consumers have handled. The stream keeps them a while longer
 * than a queue would: a consumer that somebody deletes can then go on where it was.
 */
export function createTidy(stream: string): (manager: JetStreamManager) => Promise<void> {
  let before: { readonly names: string; readonly floor: number } | undefined;
  return async (manager) => {
    const names: string[] = [];
    let floor = Infinity;
    for await (const { name, config, ack_floor } of manager.consumers.list(stream)) {
      if (!config.durable_name) continue;
      names.push(name);
      floor = Math.min(floor, ack_floor.stream_seq);
    }
    const now = { names: names.sort().join(' '), floor };
    // One who is missing now may only be about to be made again: nothing is deleted that it had not handled then.
    const through = before?.names === now.names ? Math.min(before.floor, now.floor) : 0;
    before = now;
    if (through > 0 && Number.isFinite(through)) await manager.streams.purge(stream, { seq: through + 1 });
  };
}
