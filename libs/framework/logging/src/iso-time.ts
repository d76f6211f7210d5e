/** Makes a function that writes a time (milliseconds since 1970) as ISO 8601 in UTC; it remembers the second it is in. */
export function createIsoTime(): (time: number) => string {
  let second = NaN;
  let untilPoint = '';
  return (time) => {
    const current = Math.floor(time / 1_000);
    if (current !== second) {
      second = current;
      untilPoint = new Date(current * 1_000).toISOString().slice(0, -4);
    }
    const milliseconds = Math.floor(time - current * 1_000);
    const zeros = milliseconds < 10 ? '00' : milliseconds < 100 ? '0' : '';
    return `${untilPoint}${zeros}${milliseconds}Z`;
  };
}
