import { parseArgs } from 'node:util';
import { ServiceError } from '@org/errors';
import type { Command, CommandContext } from '@org/runtime';
import { coreOf } from '../core.ts';
import { deadLettersOf, type DeadLetters } from '../dead-letters/act.ts';
import { highestLimit, misuse, readSelection } from '../dead-letters/filter.ts';
import { listedLetter, shownLetter, type ListedLetter } from '../dead-letters/present.ts';
import { openBroker } from '../open-broker.ts';
import type { BrokerAdapters, BrokerSettings } from '../settings.ts';
import { assertShared } from './assert-shared.ts';
import { declaredSubscriptions, type DeclaredOptions } from './declared.ts';

/** How long one run may take, in milliseconds: an hour, since redriving may keep to a rate. */
const timeoutMs = 3_600_000;

/**
 * The sub-command `dead-letters`: lists, shows, redrives and deletes what the service's consumers could not take.
 *
 * @throws {ServiceError} failed_precondition, BROKER_IN_MEMORY, where the broker is in the memory of another process.
 */
export function deadLetters({ adapters, ...declared }: BrokerAdapters & DeclaredOptions = {}): Command<{
  readonly broker: BrokerSettings;
}> {
  return {
    name: 'dead-letters',
    summary: 'Lists, shows, redrives and deletes messages that were set aside.',
    usage:
      'list|show|redrive|delete [ID|--all] [--code CODE] [--reason REASON] [--subscription NAME] [--before TIME] [--after TIME] [--limit N] [--rate N] [--json]',
    async run({ arguments: line, settings, start, print }: CommandContext<{ readonly broker: BrokerSettings }>) {
      const { action, words, json } = readLine(line);
      const signal = AbortSignal.timeout(timeoutMs);
      const { filter, selection } = readSelection(words, signal);
      assertShared(settings.broker, 'look at dead letters', 'Ask its ops port: GET /dead-letters');
      const broker = await start('broker', (runtime) =>
        openBroker(settings.broker, { ...(adapters && { adapters }) }, runtime),
      );
      const { binding, promises, rules, service, transport } = coreOf(broker);
      const letters = deadLettersOf(transport, () => declaredSubscriptions(promises, declared, service.name));
      if (action === 'list') {
        const found = (await letters.list(selection, signal)).map(listedLetter);
        for (const letter of found) print(json ? JSON.stringify(letter) : lineOf(letter));
        if (json) return;
        if (found.length === 0) print('No dead letters');
        if (found.length === selection.limit) print(`${found.length} shown; there may be more (--limit)`);
        return;
      }
      if (action === 'show') {
        const [letter] = await letters.list(selection, signal);
        if (!letter) throw unknownLetter(filter.id);
        return print(JSON.stringify(shownLetter(letter, binding, rules.maximumBytes), undefined, 2));
      }
      const count = await act(letters, action, selection, signal);
      if (count === 0 && filter.id !== undefined) throw unknownLetter(filter.id);
      const more = filter.id === undefined && count === selection.limit ? '; there may be more (--limit)' : '';
      print(`${count} ${action === 'redrive' ? 'redriven' : 'deleted'}${more}`);
    },
  };
}

type Action = 'list' | 'show' | 'redrive' | 'delete';

function act(
  letters: DeadLetters,
  action: 'redrive' | 'delete',
  ...selected: Parameters<DeadLetters['redrive']>
): Promise<number> {
  return action === 'redrive' ? letters.redrive(...selected) : letters.remove(...selected);
}

/** @throws {ServiceError} invalid_argument, without a reason: the kernel prints it with the usage. */
function readLine(line: readonly string[]): { action: Action; words: Record<string, unknown>; json: boolean } {
  const [action = 'list', ...rest] = line;
  if (!isAction(action)) throw misuse(`\`${action}\` is none of list, show, redrive, delete`);
  const { values, positionals } = parse(rest);
  const { json = false, all = false, ...words } = values;
  const [id, ...others] = positionals;
  if (others.length > 0) throw misuse('there is more than one id');
  if (action === 'show' && id === undefined) throw misuse('`show` needs an id');
  const changes = action === 'redrive' || action === 'delete';
  const narrowed = id !== undefined || Object.keys(words).some((name) => name !== 'limit' && name !== 'rate');
  if (changes && !narrowed && !all) throw misuse(`\`${action}\` needs an id, a filter or --all`);
  const limit = changes ? String(highestLimit) : undefined;
  return { action, json, words: { ...(limit && { limit }), ...words, ...(id !== undefined && { id }) } };
}

function parse(line: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const filters = { code: text, reason: text, before: text, after: text, subscription: text, limit: text, rate: text };
  try {
    return parseArgs({ args: line, allowPositionals: true, options: { ...filters, json: flag, all: flag } });
  } catch (error) {
    // What follows the first sentence is about values that begin with a dash.
    throw misuse((error as Error).message.split('. ')[0]!);
  }
}

function isAction(text: string): text is Action {
  return ['list', 'show', 'redrive', 'delete'].includes(text);
}

function lineOf({ id, subscription, code, reason, attempts, ageSeconds, message }: ListedLetter): string {
  return [id, subscription, reason ? `${code} ${reason}` : code, `${attempts}x`, ageOf(ageSeconds), message].join('  ');
}

/** In the largest unit of which there are two at least. */
function ageOf(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
  ] as const;
  const [size, unit] = units.find(([length]) => seconds >= 2 * length) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${unit}`;
}

function unknownLetter(id: string | undefined): ServiceError {
  const message = `No dead letter with the id \`${id}\`. \`dead-letters list\` shows those that there are`;
  return new ServiceError('not_found', message, { reason: 'DEAD_LETTER_UNKNOWN' });
}
