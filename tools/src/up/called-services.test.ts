import { expect, test } from 'vitest';
import { projectOf, type Project } from '../workspace.ts';
import { calledServices } from './called-services.ts';

const app = (name: string, ...called: string[]): Project =>
  projectOf(`apps/${name}`, {
    name: `@x/${name}`,
    version: '0.0.1',
    dependencies: Object.fromEntries([name, ...called].map((each) => [`@x/${each}-contract`, '*'])),
  });

const namesOf = (projects: readonly Project[]) => projects.map(({ manifest }) => manifest.name);

test('are those whose contracts are depended on, and those that these call, each once', () => {
  const shop = app('shop', 'pricing', 'stock');
  const projects = [app('stock', 'pricing'), app('pricing', 'shop'), app('other', 'shop'), shop];
  expect(namesOf(calledServices(projects, shop))).toEqual(['@x/shop', '@x/pricing', '@x/stock']);
});

test('are none where nobody is called', () => {
  const alone = app('alone');
  expect(namesOf(calledServices([alone, app('other', 'alone')], alone))).toEqual(['@x/alone']);
});
