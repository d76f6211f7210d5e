import { json } from 'node:stream/consumers';
import { compareAsyncApi } from '../compare/compare-asyncapi.ts';

// Prints what the second of two AsyncAPI documents breaks for those who use the first, as a JSON array. Standard input is
// `{ "before": …, "after": … }`.
const { before, after } = (await json(process.stdin)) as Record<'before' | 'after', Record<string, unknown>>;
process.stdout.write(`${JSON.stringify(compareAsyncApi(before, after))}\n`);
