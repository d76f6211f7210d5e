import { measure, repeat, serveTasks, type Taken } from '../tasks.ts';
import { rows } from './orders.ts';

export const operations = ['read', 'read, prepared', 'insert', 'insert, prepared'] as const;
export type Operation = (typeof operations)[number];

/** How one side does each operation: reads an order by its key, or inserts one. */
export type Client = Readonly<Record<Operation, (id: number) => Promise<unknown>>>;

/** What a worker is asked over its channel to the driver. */
export interface Task {
  readonly operation: Operation;
  readonly count: number;
  /** How many are under way at a time. */
  readonly callers: number;
}

/** @param asCaller Runs what one caller does. */
export function serveClient(client: Client, asCaller = (work: () => Promise<void>) => work()): void {
  serveTasks<Task>(async ({ operation, count, callers }): Promise<Taken> => {
    const run = client[operation];
    let id = 0;
    const next = () => run((id = (id % rows) + 1));
    const stop = measure();
    const share = Math.ceil(count / callers);
    await Promise.all(Array.from({ length: callers }, () => asCaller(() => repeat(share, 1, next))));
    return stop();
  });
}
