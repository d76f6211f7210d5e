import { collectLogger } from '@org/testing';
import { describe, expect, test } from 'vitest';
import { createHistory } from './history.ts';

const failed = { status: 'failed', kind: 'datastore', reason: 'ECONNREFUSED' } as const;

describe('the history', () => {
  test('has each change with its time and reason, newest first', () => {
    const history = createHistory(collectLogger());
    history.note('database', { status: 'ok' });
    history.note('database', failed);
    history.note('database', { status: 'ok' });
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(history.changes()).toEqual([
      { time, check: 'database', from: 'failed', to: 'ok' },
      { time, check: 'database', from: 'ok', to: 'failed', reason: 'ECONNREFUSED' },
      { time, check: 'database', from: 'unknown', to: 'ok' },
    ]);
  });

  test('logs one line when a check fails and one when it is back, none while it stays as it is', () => {
    const logger = collectLogger();
    const history = createHistory(logger);
    history.note('database', { status: 'ok' });
    expect(logger.lines).toEqual([]);
    for (let run = 0; run < 5; run += 1) history.note('database', { ...failed, reason: `reason ${run}` });
    for (let run = 0; run < 5; run += 1) history.note('database', { status: 'ok' });
    expect(logger.lines).toMatchObject([
      {
        level: 'warn',
        message: 'The check database failed: reason 0',
        fields: { check: 'database', kind: 'datastore', status: 'failed', reason: 'reason 0' },
      },
      { level: 'info', message: 'The check database is ok again', fields: { check: 'database', status: 'ok' } },
    ]);
  });

  test('keeps the last 50 changes', () => {
    const history = createHistory(collectLogger());
    for (let run = 0; run < 100; run += 1) history.note('database', run % 2 ? failed : { status: 'ok' });
    expect(history.changes()).toHaveLength(50);
    expect(history.changes()[0]).toMatchObject({ from: 'ok', to: 'failed' });
  });

  test('knows nothing of a check that it has forgotten, besides its changes', () => {
    const history = createHistory(collectLogger());
    history.note('database', failed);
    history.forget('database');
    history.note('database', failed);
    expect(history.changes()).toMatchObject([{ from: 'unknown' }, { from: 'unknown' }]);
  });

  test('gives a copy that does not change', () => {
    const history = createHistory(collectLogger());
    const before = history.changes();
    history.note('database', failed);
    expect(before).toEqual([]);
  });
});
