import { describe, expect, test } from 'vitest';
import { environmentStore } from './environment-store.ts';
import { parseReference } from './reference.ts';

const { signal } = new AbortController();

async function read(environment: Record<string, string>, text: string): Promise<unknown> {
  const reference = parseReference(text);
  if (!reference) throw new Error(`Expected a reference, got ${text}`);
  await using source = await environmentStore(environment).open(undefined, undefined);
  return (await source.read(reference, { signal })).reveal();
}

describe('env:', () => {
  test('gives the value of another variable', async () => {
    expect(await read({ PG_PASSWORD: 'hunter2' }, 'env:PG_PASSWORD')).toBe('hunter2');
  });

  test.each([
    ['is not set', {}, 'env:OTHER', 'expected OTHER, which it refers to, to be set, got nothing'],
    ['is empty', { OTHER: '' }, 'env:OTHER', 'expected OTHER, which it refers to, to be set, got nothing'],
    ['holds a reference', { OTHER: 'vault:x' }, 'env:OTHER', 'to hold a value, got another reference'],
    ['names itself', { OTHER: 'env:OTHER' }, 'env:OTHER', 'to hold a value, got another reference'],
    ['is no name', {}, 'env:a/b', 'expected the reference to be written `env:NAME`, got something else'],
    ['has a key', { OTHER: 'x' }, 'env:OTHER#key', 'expected the reference to be written `env:NAME`'],
  ])('refuses a variable that %s', async (_, environment: Record<string, string>, text, message) => {
    await expect(read(environment, text)).rejects.toThrow(message);
    await expect(read(environment, text)).rejects.toMatchObject({ code: 'not_found' });
  });
});
