import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

/** How long to wait for more of the same after a change, in milliseconds: a swap is several. */
const settleMs = 50;

/** The eye on one folder. */
export interface FolderWatch extends Disposable {
  /** Watches, or watches again where something happened: the folder may be another now. Never rejects. */
  rearm(): Promise<void>;
}

/**
 * Calls `changed` soon after something in a folder was renamed or written, or the folder went. A watch on a file would see
 * the first swap only: the file behind its link is deleted then.
 *
 * @param onFailure Told why the system does not watch.
 */
export function watchFolder(folder: string, changed: () => void, onFailure: (code: string) => void): FolderWatch {
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isCurrent = false;
  let ended = false;

  const close = () => {
    watcher?.close();
    watcher = undefined;
    isCurrent = false;
  };
  const happened = () => {
    // A folder that was deleted and made again has the same name: only a new watch sees the new one.
    isCurrent = false;
    timer ??= setTimeout(() => {
      timer = undefined;
      changed();
    }, settleMs).unref();
  };
  return {
    async rearm() {
      if (isCurrent) return;
      // To watch is no asynchronous call: on a volume that hangs it would hold up the whole process.
      const isThere = await stat(folder).then(
        () => true,
        () => false,
      );
      close();
      if (!isThere || ended) return;
      try {
        watcher = watch(folder, { persistent: false }, happened);
        watcher.on('error', (error: NodeJS.ErrnoException) => {
          close();
          onFailure(error.code ?? error.name);
        });
        isCurrent = true;
      } catch (error) {
        onFailure((error as NodeJS.ErrnoException).code ?? 'unknown');
      }
    },
    [Symbol.dispose]() {
      ended = true;
      clearTimeout(timer);
      close();
    },
  };
}
