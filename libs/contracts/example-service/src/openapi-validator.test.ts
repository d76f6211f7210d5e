import { renderOpenApi } from '@org/contract';
import { BaseResolver, createConfig, lintDocument, makeDocumentFromString } from '@redocly/openapi-core';
import { describe, expect, test } from 'vitest';
import { contract } from './index.ts';

async function faultsOf(text: string): Promise<string[]> {
  const config = await createConfig({
    extends: ['spec'],
    rules: { 'no-invalid-media-type-examples': 'error', 'no-invalid-parameter-examples': 'error' },
  });
  const document = makeDocumentFromString(text, 'openapi.json');
  const faults = await lintDocument({ document, config, externalRefResolver: new BaseResolver() });
  return faults.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
}

describe('the OpenAPI document, for a public validator,', () => {
  test('is valid, examples included', async () => {
    expect(await faultsOf(await renderOpenApi(contract))).toEqual([]);
  });

  test('is not valid when an example does not fit, so the validator looks', async () => {
    const text = await renderOpenApi(contract);
    expect(await faultsOf(text.replace('"unitPrice": 1250', '"unitPrice": -1'))).not.toEqual([]);
  });
});
