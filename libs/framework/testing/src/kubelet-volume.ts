import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A volume as the kubelet writes it. */
export interface KubeletVolume {
  readonly folder: string;
  /** Puts these files in place of all others, at once: `{ password: … }`, or `{ 'database/password': … }` in a projected volume. */
  write(files: Readonly<Record<string, string | Buffer>>): Promise<void>;
  /** The same in its steps, to look on between them. */
  steps(files: Readonly<Record<string, string | Buffer>>): Promise<KubeletSwap>;
}

/** A swap that is under way. */
export interface KubeletSwap {
  /** Renames the link `..data`: from then on the new generation is in force. */
  readonly swap: () => Promise<void>;
  /** Links what is new, and removes what is old. */
  readonly tidy: () => Promise<void>;
}

/**
 * Makes a volume in a folder, by the steps of the kubelet's own writer: a folder for each generation, a link that is renamed
 * over the old one, links to the files through it, and the old folder removed.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
 */
export async function kubeletVolume(folder: string): Promise<KubeletVolume> {
  await mkdir(folder, { recursive: true });
  const data = join(folder, '..data');
  const steps: KubeletVolume['steps'] = async (files) => {
    const old = await readlink(data).catch(() => undefined);
    const stamp = new Date().toISOString().replaceAll(/[-T:]/g, '_').slice(0, 19);
    const generation = `..${stamp}.${randomBytes(4).readUInt32LE()}`;
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, generation, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    await mkdir(join(folder, generation), { recursive: true });
    await symlink(generation, join(folder, '..data_tmp'));
    return {
      swap: () => rename(join(folder, '..data_tmp'), data),
      async tidy() {
        const wanted = new Set(Object.keys(files).map((name) => name.split('/')[0]!));
        const there = (await readdir(folder)).filter((name) => !name.startsWith('..'));
        for (const name of wanted) if (!there.includes(name)) await symlink(`..data/${name}`, join(folder, name));
        for (const name of there) if (!wanted.has(name)) await rm(join(folder, name));
        if (old !== undefined) await rm(join(folder, old), { recursive: true });
      },
    };
  };
  return {
    folder,
    steps,
    async write(files) {
      const { swap, tidy } = await steps(files);
      await swap();
      await tidy();
    },
  };
}
