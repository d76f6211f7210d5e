import { join } from 'node:path';
import { startProcess } from '@org/testing';
import { expect, test } from 'vitest';
import { json, serve } from '../test-fixtures/serve.ts';

test('a process that made calls ends by itself, whatever came of them', async () => {
  await using server = await serve((response, { url }) => {
    if (url.endsWith('7')) return json(response, 200, { id: '7', quantity: 2 });
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"id":');
    return undefined;
  });
  const program = `
    import { createClient } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    import { contract } from ${JSON.stringify(join(import.meta.dirname, '../test-fixtures/orders.ts'))};
    const client = createClient(contract, { url: ${JSON.stringify(server.url)}, timeoutMs: 30_000 });
    await client.getOrder({ params: { id: '7' } });
    await client.getOrder({ params: { id: '8' } }, { timeoutMs: 50 }).catch(({ code }) => console.log(code));
    console.log('done', process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length);`;
  await using child = await startProcess(process.execPath, ['--input-type=module', '--eval', program]);
  await child.line('done');
  const { code } = await child.exit;
  expect({ code, stdout: child.stdout.trim() }).toEqual({ code: 0, stdout: 'deadline_exceeded\ndone 0' });
});
