import { describe, expect, test } from 'vitest';
import { publishManifest } from './publish-manifest.ts';

const condition = '@acme/source';
const versioned = (name: string, version: string) => [name, { name, version }] as const;

describe('a published manifest', () => {
  test('starts in dist, leads to no source, names exact versions and keeps what finds its files', () => {
    const manifest = {
      name: '@acme/messaging',
      version: '1.2.3',
      sideEffects: false,
      exports: {
        '.': { '@acme/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
        './package.json': './package.json',
      },
      files: ['dist'],
      dependencies: { '@acme/errors': '*', express: '5.3.0' },
      devDependencies: { '@acme/testing': '*' },
      nx: { tags: ['layer:port'], metadata: { assets: ['assets/page.html'], needs: ['docker'] } },
    };
    const packages = new Map([versioned('@acme/errors', '1.2.0')]);
    expect(publishManifest(manifest, { condition, packages })).toEqual({
      name: '@acme/messaging',
      version: '1.2.3',
      sideEffects: false,
      engines: { node: '>=24.6' },
      exports: { '.': { types: './index.d.ts', default: './index.js' }, './package.json': './package.json' },
      dependencies: { '@acme/errors': '1.2.0', express: '5.3.0' },
      nx: { metadata: { assets: ['assets/page.html'] } },
    });
  });

  test('lets a caller choose the version of what both speak', () => {
    const manifest = { name: '@acme/config', version: '1.0.0', dependencies: { zod: '4.6.7', pino: '10.4.0' } };
    const { dependencies } = publishManifest(manifest, { condition, packages: new Map() });
    expect(dependencies).toEqual({ zod: '^4.6.7', pino: '10.4.0' });
  });

  test('is refused where it depends on a private package, unless it is private itself', () => {
    const manifest = { name: '@acme/messaging', version: '1.0.0', dependencies: { '@acme/vault': '*' } };
    const packages = new Map([['@acme/vault', { name: '@acme/vault', version: '1.0.0', private: true }]]);
    expect(() => publishManifest(manifest, { condition, packages })).toThrow(
      'Cannot make the package of @acme/messaging: expected everything that it depends on to be published, got @acme/vault with `"private": true`.',
    );
    expect(publishManifest({ ...manifest, private: true }, { condition, packages })).toMatchObject({ private: true });
  });
});
