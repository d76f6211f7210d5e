import { renderAsyncApi } from '@org/contract';
import { expect, test } from 'vitest';
import { contract } from './index.ts';

test('the committed document of messages is that of the contract (with `-u`, Vitest writes it anew)', async () => {
  await expect(await renderAsyncApi(contract)).toMatchFileSnapshot('asyncapi.json');
});
