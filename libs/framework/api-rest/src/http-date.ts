const days = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const imf = new RegExp(`^${days}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$`);
const rfc850 = /^[MTWFS][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/;
const asctime = new RegExp(`^${days} [A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}$`);

/**
 * The time of a header such as `If-Modified-Since`, in whole seconds since 1970; `undefined` for what is no date of HTTP.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */
export function secondsFromHttpDate(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 40) return undefined;
  if (!imf.test(text) && !rfc850.test(text) && !asctime.test(text)) return undefined;
  const time = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time / 1000;
}
