import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { assetPath } from '@org/config';
import type { OpsResponse } from '@org/runtime';

/** Whether a caller of `/` is a browser that wants to show something, rather than a program. */
export function wantsPage(accept: string | undefined): boolean {
  return /\btext\/html\b/i.test(accept ?? '');
}

/**
 * The page of the ops port: one file without data, which asks the other endpoints for what it shows. Read from disk each
 * time, which is rare.
 *
 * @param hasToken Whether the page has to ask for `OPS_TOKEN` before it asks for what is not public.
 * @throws {ServiceError} internal, ASSET_MISSING.
 */
export async function readPage({ hasToken }: { hasToken: boolean }): Promise<OpsResponse> {
  const file = await readFile(assetPath(import.meta.dirname, 'service', 'ops.html'), 'utf8');
  const body = file.replace('name="ops-access" content="loopback"', `name="ops-access" content="${access(hasToken)}"`);
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyOf(body),
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      vary: 'accept',
    },
    body,
  };
}

function access(hasToken: boolean): string {
  return hasToken ? 'token' : 'loopback';
}

/**
 * What stands in the file may run, and nothing else: no address but this port's, no script made of texts.
 *
 * @see https://www.w3.org/TR/CSP3/
 */
function policyOf(html: string): string {
  return [
    `default-src 'none'`,
    `script-src ${hashesOf(html, 'script')}`,
    `style-src ${hashesOf(html, 'style')}`,
    `connect-src 'self'`,
    'img-src data:',
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
    `require-trusted-types-for 'script'`,
    `trusted-types 'none'`,
  ].join('; ');
}

function hashesOf(html: string, element: 'script' | 'style'): string {
  const contents = [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(([, text = '']) => text);
  return contents.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
}
