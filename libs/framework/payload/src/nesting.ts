const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether objects and arrays are nested deeper than a limit in a text of JSON: whatever goes through them recursively
 * would run out of stack. Of a text that is no JSON it says anything.
 */
export function isDeeperThan(text: string, limit: number): boolean {
  return hasMoreBracketsThan(text, limit) && depthExceeds(text, limit);
}

/** Whether there are enough brackets for that at all: nearly always there are not, and looking for them is quick. */
function hasMoreBracketsThan(text: string, limit: number): boolean {
  let found = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > limit) return true;
    }
  }
  return false;
}

function depthExceeds(text: string, limit: number): boolean {
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === backslash) at += 1;
      else if (code === quote) inText = false;
    } else if (code === quote) inText = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}
