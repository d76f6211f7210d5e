import * as z from 'zod';
import { queryInteger } from './query.ts';

/** One page of a list: `nextCursor` is there as long as there is more. */
export function cursorPage<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().optional().meta({ description: 'What to send as `cursor` for the next page.' }),
  });
}

/** The query of a list: `limit`, from 1 to `maximum` (default: 100) and when it is not sent `default` (default: 20), and `cursor`. */
export function pageQuery({ maximum = 100, default: usual = 20 }: { maximum?: number; default?: number } = {}) {
  return z.object({
    limit: queryInteger({ min: 1, max: maximum })
      .default(Math.min(usual, maximum))
      .meta({ description: 'How many items at most.' }),
    cursor: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .meta({ description: 'The `nextCursor` of the page before; without it, the first page.' }),
  });
}
