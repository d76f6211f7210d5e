/** Tells how the event loop has fared lately. */
export interface EventLoopWatch extends Disposable {
  /** How long the loop stood still, in milliseconds, if it did for too long and not longer ago than that; else `undefined`. */
  stalledMs(): number | undefined;
}

/**
 * Watches whether the event loop stands still for longer than `limitMs`: blocked by one long task, or so busy that
 * timers come that late. Such a stall counts for another `limitMs` after its end, since no probe is answered during it.
 *
 * It measures how late a heartbeat comes, every tenth of the limit and at least every second; so a stall is found when
 * it exceeds the limit by one beat at the most. Neither suspension of the machine nor a change of its clock counts.
 *
 * @param onChange Told of each stall once, and with `undefined` when it no longer counts.
 */
export function watchEventLoop(limitMs: number, onChange: (stalledMs: number | undefined) => void): EventLoopWatch {
  const beatMs = Math.min(1_000, limitMs / 10);
  let lastBeat = performance.now();
  let stall: { ms: number; end: number } | undefined;

  // Probes look too, because after a stall the network may be served before the timer.
  const look = () => {
    const now = performance.now();
    const lateMs = now - lastBeat - beatMs;
    lastBeat = now;
    if (lateMs > limitMs) {
      stall = { ms: lateMs, end: now };
      onChange(lateMs);
    } else if (stall && now - stall.end >= limitMs) {
      stall = undefined;
      onChange(undefined);
    }
  };
  const timer = setInterval(look, beatMs).unref();
  return {
    stalledMs() {
      look();
      return stall?.ms;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
