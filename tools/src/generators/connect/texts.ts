import type { Connection } from './generator.ts';

/** A test of the connection: that it is declared, has a health, and that the service does not depend on it to be ready. */
export function clientTest({ scope, called, prefix }: Connection): string {
  return `import { describeService } from '${scope}/service';
import { startService } from '${scope}/service/testing';
import { expect, test } from 'vitest';
import { service } from './main.ts';

test('says that it calls ${called.name}', () => {
  const { connections } = describeService(service.definition);
  expect(connections).toContainEqual(expect.objectContaining({ kind: 'service', variable: '${prefix}_URL' }));
});

test('is ready while ${called.name} is not there', async () => {
  await using running = await startService(service, { environment: { ${prefix}_URL: 'http://127.0.0.1:9' } });
  const response = await fetch(\`\${running.opsUrl}/readyz\`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ checks: { '${called.name}': { kind: 'service' } } });
});
`;
}
