// Kept by the workspace: `npx nx sync` writes it anew.
import { renderOpenApi } from '@org/contract';
import { expect, test } from 'vitest';
import { contract } from './index.ts';

test('the committed document is that of the contract (with `-u`, Vitest writes it anew)', async () => {
  await expect(await renderOpenApi(contract)).toMatchFileSnapshot('openapi.json');
});
