import { secretDenied, secretMissing, secretStoreUnavailable, secretUnusable } from '@org/secrets';
import { EscapeError } from './find-folder.ts';
import { TooLargeError } from './read-folder.ts';
import { UnsettledError } from './read-volume.ts';

/** What a failure to read a name means; what is none of the file system stays as it is. The message has a path at most. */
export function explainReading(thrown: unknown, doing: string): unknown {
  if (thrown instanceof EscapeError) {
    const why = 'a symbolic link leads out of KUBERNETES_SECRETS_PATH. Mount the volume below it instead';
    return secretDenied({ doing, why });
  }
  if (thrown instanceof TooLargeError) {
    return secretUnusable({ doing, why: `there is more than a Secret of Kubernetes may hold: ${thrown.message}` });
  }
  if (thrown instanceof UnsettledError) {
    return secretStoreUnavailable({ doing, why: `${thrown.message}, and no two looks at them agree` });
  }
  const { code } = thrown as NodeJS.ErrnoException;
  if (!(thrown instanceof Error) || code === undefined || !/^E[A-Z0-9]+$/.test(code)) return thrown;
  if (code === 'ENOENT') {
    const why = 'there is nothing of that name. Mount the volume there, or set KUBERNETES_SECRETS_PATH';
    return secretMissing({ doing, why });
  }
  if (code === 'ENOTDIR') {
    return secretUnusable({ doing, why: 'it is no folder. Mount a volume there, with a file for each key' });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const user = process.getuid?.() ?? 'unknown';
    const why = `the user ${user} may not read all of it (${code}). Set \`fsGroup\` of the pod, or \`defaultMode\` of the volume`;
    return secretDenied({ doing, why });
  }
  return secretStoreUnavailable({ doing, why: `the volume does not answer (${code}). See the pod's events` });
}
