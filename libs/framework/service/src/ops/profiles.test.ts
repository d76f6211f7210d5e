import { once } from 'node:events';
import { request } from 'node:http';
import { defineContract } from '@org/contract';
import { waitFor } from '@org/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineService } from '../define-service.ts';
import { startService, type StartedService } from '../testing/index.ts';

const service = defineService({
  name: 'profiled',
  contract: defineContract({ name: 'profiled', version: '1.0.0', title: 'Profiled', operations: [] }),
  config: {},
  start: async () => {},
});
const token = 'hunter2-ops';

test.each(['/profile/cpu', '/profile/heap'])('%s answers to nobody without OPS_TOKEN', async (path) => {
  await using running = await startService(service);
  const answer = await fetch(`${running.opsUrl}${path}`, { method: 'POST', headers: { authorization: 'Bearer x' } });
  expect([answer.status, await answer.json()]).toMatchObject([403, { reason: 'OPS_TOKEN_UNSET' }]);
});

describe('with OPS_TOKEN', () => {
  let running: StartedService;
  beforeAll(async () => {
    running = await startService(service, { environment: { OPS_TOKEN: token } });
  });
  afterAll(() => running.stop('the tests are over'));
  const post = (path: string, init?: RequestInit) =>
    fetch(`${running.opsUrl}${path}`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, ...init });
  const taken = (what: RegExp) => running.logs.filter(({ msg }) => what.test(msg as string)).length;

  test.each(['/profile/cpu', '/profile/heap'])('%s refuses whoever does not have it', async (path) => {
    const answer = await post(path, { headers: { authorization: 'Bearer wrong' } });
    expect([answer.status, await answer.json()]).toMatchObject([401, { reason: 'OPS_TOKEN_REQUIRED' }]);
    expect((await post(path, { method: 'GET' })).status).toBe(405);
  });

  test('gives a CPU profile as a file', async () => {
    const answer = await post('/profile/cpu?seconds=1');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="profiled-[\dTZ.-]+\.cpuprofile"$/,
    );
    const profile = (await answer.json()) as {
      nodes: unknown[];
      samples: unknown[];
      startTime: number;
      endTime: number;
    };
    expect(profile.nodes.length).toBeGreaterThan(0);
    expect(profile.samples.length).toBeGreaterThan(0);
    expect(profile.endTime - profile.startTime).toBeGreaterThanOrEqual(1e6);
  });

  test('gives a heap snapshot as a file', async () => {
    const answer = await post('/profile/heap');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="profiled-[\dTZ.-]+\.heapsnapshot"$/,
    );
    const text = await answer.text();
    expect(text).toMatch(/^\{"snapshot":\{"meta":/);
    expect(text.trimEnd()).toMatch(/\}$/);
    expect(taken(/heap snapshot is being taken/)).toBeGreaterThan(0);
  });

  test.each(['0', '61', '-1', '1.5', '1e1', '', 'x', '999999999999', ' 5'])('refuses %j seconds', async (seconds) => {
    const answer = await post(`/profile/cpu?seconds=${encodeURIComponent(seconds)}`);
    expect([answer.status, await answer.json()]).toMatchObject([400, { reason: 'OPS_QUERY_INVALID' }]);
  });

  test('takes one at a time, and ends it when its caller goes', async () => {
    const before = taken(/CPU profile is being taken/);
    const leaving = new AbortController();
    const first = post('/profile/cpu?seconds=60', { signal: leaving.signal });
    await waitFor(() => taken(/CPU profile is being taken/) > before, { what: 'the recording' });
    for (const path of ['/profile/cpu', '/profile/heap']) {
      const answer = await post(path);
      expect([answer.status, await answer.json()]).toMatchObject([409, { code: 'aborted', reason: 'PROFILE_RUNNING' }]);
    }
    leaving.abort();
    await expect(first).rejects.toThrow();
    await waitFor(async () => (await post('/profile/cpu?seconds=1')).status === 200, { what: 'the next recording' });
  });

  test('is free again when the caller of a heap snapshot goes half-way', async () => {
    const asked = request(`${running.opsUrl}/profile/heap`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    asked.on('error', () => {}).end();
    const [answer] = await once(asked, 'response');
    expect(answer.statusCode).toBe(200);
    // Nothing is read: the snapshot is larger than what the sockets take in.
    expect((await post('/profile/cpu?seconds=1')).status).toBe(409);
    asked.destroy();
    await waitFor(async () => (await post('/profile/cpu?seconds=1')).status === 200, { what: 'the next profile' });
    expect(running.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('does not hold up the stop', async () => {
    const other = await startService(service, { environment: { OPS_TOKEN: token } });
    const recording = fetch(`${other.opsUrl}/profile/cpu?seconds=60`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    recording.catch(() => {});
    await waitFor(() => other.logs.some(({ msg }) => /CPU profile/.test(msg as string)), { what: 'the recording' });
    expect(await other.stop('the test is over')).toEqual([]);
    await expect(recording).rejects.toThrow();
  });
});
