import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where something that tests use is on this machine; `undefined` if it is not there. */
export function find(need: string): string | undefined {
  switch (need) {
    case 'docker':
      return dockerEngine();
    case 'mongodb':
      // No package has a server: one is named, whose URL may hold a password.
      return process.env.TEST_MONGODB_URL && 'by TEST_MONGODB_URL';
    case 'chromium':
      return process.env.CHROMIUM ?? onPath('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable');
    default:
      return onPath(need);
  }
}

/** The version of the Docker engine that answers; a client alone is none. */
export function dockerEngine(): string | undefined {
  try {
    const version = ['version', '--format', '{{.Server.Version}}'];
    return execFileSync('docker', version, { encoding: 'utf8', timeout: 5_000, stdio: 'pipe' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function onPath(...commands: string[]): string | undefined {
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return commands.flatMap((command) => folders.map((folder) => join(folder, command))).find((file) => existsSync(file));
}

// As an input of a cached target: what it prints is part of the target's hash.
if (import.meta.main) for (const need of process.argv.slice(2)) console.log(`${need}: ${find(need) ?? 'none'}`);
