import { expect, test } from 'vitest';
import { publishManifest } from './publish-manifest.ts';

test('a published manifest starts in dist, leads to no source and names exact versions', () => {
  const manifest = {
    name: '@acme/messaging',
    version: '1.2.3',
    exports: {
      '.': { '@acme/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    files: ['dist'],
    dependencies: { '@acme/errors': '*', zod: '4.6.7' },
    devDependencies: { '@acme/testing': '*' },
    nx: { metadata: { assets: ['assets/page.html'] } },
  };
  expect(
    publishManifest(manifest, { condition: '@acme/source', versions: new Map([['@acme/errors', '1.2.0']]) }),
  ).toEqual({
    name: '@acme/messaging',
    version: '1.2.3',
    exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
    dependencies: { '@acme/errors': '1.2.0', zod: '4.6.7' },
    nx: { metadata: { assets: ['assets/page.html'] } },
  });
});
