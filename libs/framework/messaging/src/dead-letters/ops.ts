import { ServiceError } from '@org/errors';
import type { OpsHandler, OpsRequest } from '@org/runtime';
import type { BrokerCore } from '../core.ts';
import { deadLettersOf } from './act.ts';
import { misuse, readSelection } from './filter.ts';
import { listedLetter, shownLetter } from './present.ts';

/** How long an operator waits for a broker that is away or does not answer, in milliseconds. */
const answerMs = 10_000;

const soon = ({ signal }: OpsRequest) => AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);

/** The dead letters of what is consumed here, on the ops port. */
export function deadLetterOps({ binding, consumed, rules, transport }: BrokerCore): readonly OpsHandler[] {
  const letters = deadLettersOf(transport, () => [...consumed].map(({ subscription }) => subscription));
  const ofId = ({ parameters, signal }: OpsRequest) => readSelection({ id: parameters.id }, signal).selection;
  const counted = (what: string, count: number, { parameters }: OpsRequest) => {
    if (count === 0 && parameters.id !== undefined) throw letterUnknown(parameters.id);
    return { body: { [what]: count } };
  };
  return [
    {
      method: 'GET',
      path: '/dead-letters',
      summary: 'Lists dead letters, the oldest first; by ?code=, reason, before, after, subscription, limit.',
      async handle(request) {
        const { selection } = readSelection(Object.fromEntries(request.query), request.signal);
        return { body: { items: (await letters.list(selection, soon(request))).map(listedLetter) } };
      },
    },
    {
      method: 'GET',
      path: '/dead-letters/:id',
      summary: 'Shows a dead letter with its headers and its content.',
      async handle(request) {
        const [letter] = await letters.list(ofId(request), soon(request));
        if (!letter) throw letterUnknown(request.parameters.id);
        return { body: shownLetter(letter, binding, rules.maximumBytes) };
      },
    },
    {
      method: 'POST',
      path: '/dead-letters/:id/redrive',
      summary: 'Puts a dead letter back into its queue.',
      handle: async (request) => counted('redriven', await letters.redrive(ofId(request), soon(request)), request),
    },
    {
      method: 'DELETE',
      path: '/dead-letters/:id',
      summary: 'Deletes a dead letter for good.',
      handle: async (request) => counted('deleted', await letters.remove(ofId(request), soon(request)), request),
    },
    {
      method: 'POST',
      path: '/dead-letters/redrive',
      summary: 'Puts those of a filter back: {"code":"unavailable","limit":1000,"rate":50}; {} is all, 100 at most.',
      async handle(request) {
        const body = request.body ?? {};
        if (typeof body !== 'object' || Array.isArray(body)) throw misuse('the body is no object');
        const { selection } = readSelection(body as Record<string, unknown>, request.signal);
        // Many may take their time, if there is somebody who takes them.
        await transport.check(soon(request));
        return counted('redriven', await letters.redrive(selection, request.signal), request);
      },
    },
  ];
}

function letterUnknown(id: string | undefined): ServiceError {
  const message = `No dead letter with the id \`${id}\`. GET /dead-letters lists those that there are`;
  return new ServiceError('not_found', message, { reason: 'DEAD_LETTER_UNKNOWN' });
}
