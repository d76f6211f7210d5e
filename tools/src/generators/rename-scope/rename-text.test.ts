import { expect, test } from 'vitest';
import { renameText } from './rename-text.ts';

const named = [
  ["import { x } from '@one/errors';", "import { x } from '@two/errors';"],
  ['"@one/source": "./src/index.ts"', '"@two/source": "./src/index.ts"'],
  ['--conditions=@one/source', '--conditions=@two/source'],
  ['/^(@one\\/[a-z]+)/', '/^(@two\\/[a-z]+)/'],
  ['node_modules/@one/errors', 'node_modules/@two/errors'],
  ["'first\\n@one/errors'", "'first\\n@two/errors'"],
  ['https://registry.example/%40one%2ferrors', 'https://registry.example/%40two%2ferrors'],
  ['the scope `@one`, or @one.', 'the scope `@two`, or @two.'],
  ['@one', '@two'],
] as const;

for (const [text, renamed] of named) {
  test(`renames the scope in ${text}`, () => {
    expect(renameText(text, '@one', '@two')).toBe(renamed);
  });
}

for (const text of [
  '@one-more/x',
  '@onerous/x',
  '@one_/x',
  '@one.example/x',
  'name@one',
  'name@one.example',
  'one/x',
]) {
  test(`leaves ${text} alone`, () => {
    expect(renameText(text, '@one', '@two')).toBe(text);
  });
}
