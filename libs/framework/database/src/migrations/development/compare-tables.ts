import { Secret } from '@org/config';
import type { ServiceError } from '@org/errors';
import type { Runtime } from '@org/runtime';
import type { Driver } from '../../driver.ts';
import { openPglite } from '../../pglite/open-pglite.ts';
import { readMigrations, type Step } from '../migration.ts';
import { createTable } from '../record.ts';
import { applyStep, undoStep } from '../run-step.ts';
import { withSession, type Session } from '../session.ts';
import type { Development } from './develop-on.ts';
import { differenceOf } from './difference.ts';
import { readParts, type TablePart } from './read-parts.ts';
import type { Shown } from './show-finding.ts';

/** What the embedded engine lacks: extensions, and what they bring. */
const lacking = ['0A000', '58P01'];

/**
 * Makes the tables twice, from the models and from the migrations, in an engine that is gone with the process, and compares
 * them: a text that was changed by hand must still make what the models ask for. What it makes besides is nobody's concern,
 * unless rows cannot be added without it.
 */
export async function compareTables(development: Development): Promise<Shown[]> {
  const { models, migrations, kit, print } = development;
  const wanted = kit.generateDrizzleJson(models);
  const tables = Object.keys(wanted.tables);
  const statements = await differenceOf(kit, kit.generateDrizzleJson({}), wanted);
  await using driver: Driver = await openPglite({ url: new Secret('pglite:memory') }, { logger: silentLogger() });
  try {
    return await withSession(driver, async (session) => {
      const asked = await readAfter(session, statements, tables);
      await session.run(createTable);
      const steps = readMigrations(migrations);
      for (const step of steps) await applyStep(session, step);
      return [...compareParts(asked, await readParts(session, tables)), ...(await tryBack(session, steps))];
    });
  } catch (error) {
    const { message, state, migration } = readFailure(error as ServiceError);
    if (state === undefined || !lacking.includes(state))
      return [{ message, ...(migration !== undefined && { migration }) }];
    print(`Not compared with what they make, since the embedded engine lacks something: ${message}`);
    return [];
  }
}

/** Undoes what can be undone, each once more after it was done again, which would fail at what the first time has left. */
async function tryBack(session: Session, steps: readonly Step[]): Promise<Shown[]> {
  for (const step of steps.toReversed()) {
    const { name, down } = step;
    if (!down) break;
    await undoStep(session, name, down);
    try {
      await applyStep(session, step);
    } catch (error) {
      return [
        { migration: name, message: `Its \`down\` does not lead back. ${readFailure(error as ServiceError).message}` },
      ];
    }
    await undoStep(session, name, down);
  }
  return [];
}

/** What statements make, without leaving anything of it behind. */
async function readAfter(
  session: Session,
  statements: readonly string[],
  tables: readonly string[],
): Promise<TablePart[]> {
  // Nothing is made CONCURRENTLY in a transaction.
  const text = statements.map((each) => each.replace(/ INDEX CONCURRENTLY /, ' INDEX ')).join('\n');
  await session.run('BEGIN');
  await session.send({ text, values: [], script: true }, 'make the tables of the models', 'transaction');
  const parts = await readParts(session, tables);
  await session.run('ROLLBACK');
  return parts;
}

function silentLogger(): Runtime['logger'] {
  const silent = () => {};
  const levels = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent };
  const logger: Runtime['logger'] = { ...levels, child: () => logger, named: () => logger };
  return logger;
}

function readFailure(error: ServiceError) {
  // The cause has the words of the engine, in which there is nothing but what the migration says.
  let cause = error as { cause?: unknown; code?: unknown; message: string };
  while (cause.cause instanceof Error) cause = cause.cause;
  const migration = error.details?.migration;
  return {
    message: `${error.message}: ${cause.message}`,
    state: typeof cause.code === 'string' ? cause.code : undefined,
    migration: typeof migration === 'string' ? migration : undefined,
  };
}

function compareParts(wanted: readonly TablePart[], made: readonly TablePart[]): Shown[] {
  const key = ({ kind, name }: TablePart) => `${kind} ${name}`;
  const there = new Map(made.map((part) => [key(part), part]));
  const known = new Set(wanted.map(key));
  const differing = wanted.flatMap((part) => {
    const found = there.get(key(part));
    if (found?.definition === part.definition) return [];
    const instead = found ? `\`${found.definition}\`` : 'nothing';
    return [
      {
        message: `${part.kind} \`${part.name}\`: the models ask for \`${part.definition}\`, and the migrations make ${instead}`,
      },
    ];
  });
  const inTheWay = made
    .filter((part) => part.isNeeded && !known.has(key(part)))
    .map(({ name }) => ({
      message: `column \`${name}\`: the migrations make it NOT NULL without a default, and the models do not know it, so that no row can be added`,
    }));
  return [...differing, ...inTheWay];
}
