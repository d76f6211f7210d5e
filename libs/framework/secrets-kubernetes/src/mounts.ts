import { readFile } from 'node:fs/promises';

/** A mount as the kernel lists it: where it is, and which part of its file system. */
interface Mount {
  readonly root: string;
  readonly point: string;
}

/**
 * Which of these paths are mounted by themselves from a generation of a volume, as `subPath` does: the kubelet swaps the
 * volume, and such a mount goes on showing the old files until the container starts again.
 *
 * @see https://docs.kernel.org/filesystems/proc.html section 3.5, /proc/<pid>/mountinfo
 * @param mountinfo The text of the kernel's list.
 */
export function mountedBySubPath(mountinfo: string, folder: string, names: readonly string[]): string[] {
  const mounts = mountinfo.split('\n').flatMap(mountOf);
  const isFolder = mounts.some(({ root, point }) => point === folder && /\/\.\.\d{4}_/.test(root));
  if (isFolder) return [folder];
  const points = new Set(mounts.map(({ point }) => point));
  return names.map((name) => `${folder}/${name}`).filter((path) => points.has(path));
}

/** The kernel's list; empty where there is none. */
export async function readMountinfo(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function mountOf(line: string): Mount | [] {
  const [, , , root, point] = line.split(' ').map(unescaped);
  return root !== undefined && point !== undefined ? { root, point } : [];
}

/** Blanks and backslashes stand in octal. */
function unescaped(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
