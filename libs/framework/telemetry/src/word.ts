import type { Schema } from '@org/config';
import * as z from 'zod';

/** One of a few words, in upper or lower case, as OpenTelemetry asks of the variables that it specifies. */
export function word<const Word extends string>(words: readonly [Word, ...Word[]]): Schema<Word> {
  const expected = `one of ${words.map((each) => `\`${each}\``).join(', ')}`;
  return z.string().toLowerCase().pipe(z.enum(words)).meta({ type: 'word', expected });
}
