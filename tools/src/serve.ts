import { spawn } from 'node:child_process';

// Run in the folder of an application: runs it from source, and again whenever a file of it or its libraries changes.
// Options for Node go before the file, so that `nx serve <application> --inspect` reaches Node; the rest is the application's.
const forNode = (argument: string) => /^--(conditions|inspect|trace|cpu-prof|heap-prof)/.test(argument);
const given = process.argv.slice(2);
const options = ['--enable-source-maps', '--watch', '--watch-preserve-output', ...given.filter(forNode)];
const rest = given.filter((argument) => !forNode(argument));

// One Ctrl-C arrives here more than once, from the terminal and from Nx, and a service takes a second signal as the wish
// to end at once. So it runs in a process group of its own, and gets from here one signal, or after a while the last.
const child = spawn(process.execPath, [...options, 'src/main.ts', ...rest], {
  detached: true,
  stdio: ['ignore', 'inherit', 'inherit'],
});
let askedAt: number | undefined;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (askedAt === undefined) child.kill(signal);
    else if (Date.now() - askedAt > 1_000 && child.pid) process.kill(-child.pid, 'SIGKILL');
    askedAt ??= Date.now();
  });
}
child.on('exit', (code) => process.exit(askedAt === undefined ? (code ?? 1) : 0));
