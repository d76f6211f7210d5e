import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { secretsConformance, type SecretFeature, type SecretsPlace } from '@org/secrets/conformance';
import { kubeletVolume, temporaryDirectory, type KubeletVolume } from '@org/testing';
import { describe, test } from 'vitest';
import { kubernetes } from './index.ts';

type Values = Readonly<Record<string, string>>;

/** How the secrets of a case come to be below the root. */
type Mounting = (root: string) => Pick<SecretsPlace, 'put' | 'remove'>;

/** A volume for each Secret. */
const volumes: Mounting = (root) => {
  const made = new Map<string, KubeletVolume>();
  const volumeOf = async (name: string) => {
    const volume = made.get(name) ?? (await kubeletVolume(join(root, name)));
    made.set(name, volume);
    return volume;
  };
  return {
    put: async (name, values) => (await volumeOf(name)).write(values),
    remove: async (name) => (await volumeOf(name)).write({}),
  };
};

/** One projected volume at the root, with a folder for each Secret. */
const projected: Mounting = (root) => {
  const held = new Map<string, Values>();
  const volume = kubeletVolume(root);
  const write = async (_: void) => {
    const files = [...held].flatMap(([name, values]) =>
      Object.entries(values).map(([key, value]) => [`${name}/${key}`, value] as const),
    );
    await (await volume).write(Object.fromEntries(files));
  };
  return {
    put: (name, values) => write(void held.set(name, values)),
    remove: (name) => write(void held.delete(name)),
  };
};

/** Files that something else writes, one after the other. */
const plain: Mounting = (root) => ({
  async put(name, values) {
    const folder = join(root, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    for (const [key, value] of Object.entries(values)) await writeFile(join(folder, key), `${value}\n`);
  },
  remove: (name) => rm(join(root, name), { recursive: true }),
});

const features: SecretFeature[] = ['follows', 'versions'];

describe.each([
  ['a volume for each Secret', volumes],
  ['one projected volume', projected],
  ['plain files', plain],
])('%s', (_, mounting) => {
  const place = async (): Promise<SecretsPlace> => {
    const folder = await temporaryDirectory();
    return {
      assign: (variable, name, key) => ({ [variable]: `kubernetes:${name}${key === undefined ? '' : `/${key}`}` }),
      open: (_environment, runtime) => kubernetes.open({ path: folder.path }, runtime),
      ...mounting(folder.path),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  };
  for (const { name, needs, run } of secretsConformance({ place })) {
    test.skipIf(needs && !features.includes(needs))(name, run);
  }
});
