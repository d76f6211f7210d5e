import { runInForeground } from './run-in-foreground.ts';

// Run in the folder of an application: runs it from source, and again whenever a file of it or its libraries changes.
// Options for Node go before the file, so that `nx serve <application> --inspect` reaches Node; the rest is the application's.
const forNode = (argument: string) => /^--(conditions|inspect|trace|cpu-prof|heap-prof)/.test(argument);
const given = process.argv.slice(2);
const options = ['--enable-source-maps', '--watch', '--watch-preserve-output', ...given.filter(forNode)];
const rest = given.filter((argument) => !forNode(argument));
runInForeground(process.execPath, [...options, 'src/main.ts', ...rest]);
