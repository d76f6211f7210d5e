import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { measureDatabase } from './database.ts';
import { measureGenerators, measureWorkspace } from './generators.ts';
import { measureLayers } from './layers.ts';
import { areWithin, cellsOf, type Finding } from './limits.ts';
import { measureList } from './list.ts';
import { measureMessages } from './messages.ts';
import { measureOperations } from './operations.ts';
import { measureOutbox } from './outbox.ts';
import { measurePeers } from './peers.ts';
import { measureQueued } from './queued.ts';
import { measureRefusals } from './refusals.ts';
import { bundle } from './server.ts';
import { measureStarts } from './starts.ts';
import { table } from './table.ts';

const usage = `Usage: npm run measure -w bench -- [layers] [operations] [refusals] [peers --peers FOLDER] [messages] [queued] [database] [outbox] [starts] [list] [workspace] [generate]
  --rounds N    how often each is measured (5)
  --seconds N   for how long (2)
  --starts N    how many starts are timed beside peers, and of a service with a database (10)
  --queued N    how many messages wait in a queue at the end (1000000)
All but workspace and generate need two cores and taskset (Debian: util-linux); messages and queued also rabbitmq-server and
nats-server, database postgresql, the others wrk and \`npx nx build @org/bench\`.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    starts: { type: 'string', default: '10' },
    queued: { type: 'string', default: '1000000' },
  },
});
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };

type Parts = Readonly<Record<string, () => Promise<Finding[]>>>;

const ofServers: Parts = {
  async layers() {
    console.log(`\n${await measureLayers(options)}`);
    return [];
  },
  operations: () => measureOperations(options),
  refusals: () => measureRefusals(options),
  peers: () => shown(measurePeers({ ...options, starts: Number(values.starts), peers: values.peers ?? '' })),
};

const ofTools: Parts = {
  workspace: () => shown(measureWorkspace(options)),
  generate: () => shown(measureGenerators(options)),
};

const ofMessages: Parts = {
  messages: () => shown(measureMessages(options)),
  queued: () => measureQueued({ queued: Number(values.queued) }),
};
const ofDatabases: Parts = {
  database: () => shown(measureDatabase(options)),
  outbox: () => shown(measureOutbox(options)),
  starts: () => shown(measureStarts({ starts: Number(values.starts) })),
  list: () => shown(measureList()),
};
const parts: Parts = { ...ofServers, ...ofMessages, ...ofDatabases, ...ofTools };
// What drives the load shares the second core with it, and with brokers, so that the first belongs to what is measured.
const besides: Parts = { ...ofServers, ...ofMessages, ...ofDatabases };

if (positionals.length === 0 || positionals.some((part) => !Object.hasOwn(parts, part))) {
  console.error(usage);
  process.exit(64);
}
if (positionals.some((part) => Object.hasOwn(besides, part))) checkNeeds(positionals);

console.log(
  `Node ${process.version}, ${cpus().length} cores, ${options.rounds} rounds of ${options.seconds} s, medians`,
);
let findings: Finding[] = [];
for (const part of positionals) {
  if (Object.hasOwn(besides, part)) runOn('1');
  findings = [...findings, ...(await parts[part]!())];
  if (Object.hasOwn(besides, part)) runOn(`0-${cpus().length - 1}`);
}
if (findings.length > 0) console.log(`\n${table(['', 'measured', 'limit', 'held'], findings.map(cellsOf))}`);
process.exitCode = areWithin(findings) ? 0 : 1;

/** Prints the figures of a measurement, and gives what it found. */
async function shown(measuring: Promise<{ findings: Finding[]; figures: string }>): Promise<Finding[]> {
  const { findings, figures } = await measuring;
  console.log(`\n${figures}`);
  return findings;
}

function checkNeeds(asked: readonly string[]): void {
  const servers = asked.some((part) => Object.hasOwn(ofServers, part));
  for (const need of servers ? ['wrk', 'taskset'] : ['taskset']) {
    try {
      execFileSync('sh', ['-c', `command -v ${need}`]);
    } catch {
      console.error(`There is no ${need}.\n${usage}`);
      process.exit(1);
    }
  }
  if (servers && !existsSync(bundle)) {
    console.error(`There is no bench/dist/main.js.\n${usage}`);
    process.exit(1);
  }
}

function runOn(cores: string): void {
  execFileSync('taskset', ['-pc', cores, String(process.pid)]);
}
