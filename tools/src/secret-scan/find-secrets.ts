import { lintSource } from '@secretlint/core';
import { creator as recommended } from '@secretlint/secretlint-rule-preset-recommend';

/** Something that looks like the value of a secret. The value itself is not in it. */
export interface Finding {
  readonly line: number;
  /** What it looks like: `found GitHub Token(*****)`. */
  readonly what: string;
}

/** What stands for a password where there is none: the one of our examples, what was redacted, what is filled in later. */
const examplePasswords = String.raw`/:(hunter2|\[secret\]|\$\{\w+\}|p%40ss)@/`;
const allows = [examplePasswords];
const rules = [
  {
    id: '@secretlint/secretlint-rule-preset-recommend',
    rule: recommended,
    rules: [
      { id: '@secretlint/secretlint-rule-database-connection-string', options: { allows } },
      { id: '@secretlint/secretlint-rule-basicauth', options: { allows } },
    ],
  },
];

/**
 * Looks for keys, tokens and passwords of well-known forms in a text.
 *
 * @param file Its path, by which some forms are told.
 */
export async function findSecrets(file: string, text: string): Promise<Finding[]> {
  const source = { filePath: file, content: text, contentType: 'text', ext: '' } as const;
  const { messages } = await lintSource({ source, options: { maskSecrets: true, config: { rules } } });
  return messages.map(({ loc, message }) => ({ line: loc.start.line, what: message }));
}
