import { join } from 'node:path';
import type { ProviderRuntime, SecretProvider } from '@org/secrets';
import { explainReading } from './explain.ts';
import { locateInVolumes } from './locate.ts';
import { mountedBySubPath, readMountinfo } from './mounts.ts';
import { readVolume, type VolumeReading } from './read-volume.ts';
import { createTurns } from './turns.ts';
import { watchFolder, type FolderWatch } from './watch-folder.ts';

/** How often a volume is read although nobody tells of a change, in milliseconds: some drivers and network volumes never do. */
const pollMs = 30_000;

/** How many volumes are read at once. */
const mostReads = 2;

/** Reads the volumes below a folder, each with all its files. */
export function createVolumesProvider(
  root: string,
  { logger }: Pick<ProviderRuntime, 'logger'>,
  { mountinfo = '/proc/self/mountinfo' } = {},
): SecretProvider {
  const watches = new Map<string, readonly FolderWatch[]>();
  const turns = createTurns(mostReads);
  const told = new Set<string>();
  const tellOnce = (what: string, tell: () => void) => {
    if (told.has(what)) return;
    told.add(what);
    tell();
  };

  const onWatchFailure = (code: string) =>
    tellOnce('watch', () =>
      logger.warn(
        { code },
        `Changes below ${root} are not told of (${code}): volumes are read every ${pollMs / 1000} s`,
      ),
    );

  /** Says of a reading what an operator should know, once for each name. */
  const tellOf = async (name: string, { binary, folder, isSwapped, value }: VolumeReading) => {
    if (binary.length > 0) {
      const fields = { secret: `kubernetes:${name}`, files: binary };
      tellOnce(`binary ${name}`, () =>
        logger.warn(fields, `Files below ${join(root, name)} are no UTF-8, and left out`),
      );
    }
    if (isSwapped || told.has(`mounts ${name}`)) return;
    told.add(`mounts ${name}`);
    const mounts = mountedBySubPath(await readMountinfo(mountinfo), folder, Object.keys(value));
    if (mounts.length === 0) return;
    const remedy = 'Mount the whole volume at the folder, without `subPath`';
    logger.warn(
      { mounts },
      `${mounts.join(', ')}: mounted by subPath, which never changes while the pod runs. ${remedy}`,
    );
  };

  return {
    location: root,
    maxAgeMs: pollMs,
    locate: (reference) => locateInVolumes(root, reference),
    read: (name, { signal }) =>
      turns.take(name, signal, async () => {
        for (const watch of watches.get(name) ?? []) await watch.rearm();
        const reading = await readVolume(root, name, signal).catch((thrown: unknown) => {
          throw explainReading(thrown, `read \`kubernetes:${name}\` at ${root}`);
        });
        await tellOf(name, reading);
        const { value, version } = reading;
        return { value, ...(version !== undefined && { version }) };
      }),
    watch(name, changed) {
      // The swap happens in the folder of the name, or in the root where one volume holds several names.
      const both = [root, join(root, name)].map((folder) => watchFolder(folder, changed, onWatchFailure));
      watches.set(name, both);
      return {
        [Symbol.dispose]() {
          for (const each of both) each[Symbol.dispose]();
          if (watches.get(name) === both) watches.delete(name);
        },
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
