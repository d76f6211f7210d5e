import { join } from 'node:path';
import { renderEnvExample, renderReference } from '@org/config';
import { describeService } from '@org/service';
import { describe, expect, test } from 'vitest';
import { service } from './main.ts';

const { settings } = describeService(service.definition);
const app = join(import.meta.dirname, '..');

// With `-u`, Vitest writes them anew.
describe('in step with the settings that the service declares is', () => {
  test('docs/configuration.md', async () => {
    await expect(renderReference(settings)).toMatchFileSnapshot(join(app, '../../docs/configuration.md'));
  });

  test('.env.example', async () => {
    await expect(renderEnvExample(settings)).toMatchFileSnapshot(join(app, '.env.example'));
  });
});
