import { json } from 'node:stream/consumers';
import { compareOpenApi } from '../compare/compare-openapi.ts';

// Prints what the second of two OpenAPI documents breaks for those who use the first, as a JSON array. Standard input is
// `{ "before": …, "after": … }`.
const { before, after } = (await json(process.stdin)) as Record<'before' | 'after', Record<string, unknown>>;
process.stdout.write(`${JSON.stringify(compareOpenApi(before, after))}\n`);
