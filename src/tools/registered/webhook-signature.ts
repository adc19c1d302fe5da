/**
 * Signatures of calls, as Standard Webhooks has them (https://www.standardwebhooks.com): any library for it verifies
 * them. The secrets are made of the store's key, so that nothing else has to be kept, sent or hidden.
 */
import { createHmac, hkdfSync } from 'node:crypto';
import type { RegisteredTool } from '../../../schema/registered-tool.ts';

const secretBytes = 32;

/** `whsec_…`; always the same for the same key, name and version. */
export function toolSecret(
  key: Uint8Array,
  { name, secretVersion }: Pick<RegisteredTool, 'name' | 'secretVersion'>,
): string {
  const bytes = hkdfSync(
    'sha256',
    key,
    '',
    `callboard registered tool ${name} ${secretVersion}`,
    secretBytes,
  );
  return `whsec_${Buffer.from(bytes).toString('base64')}`;
}

/**
 * The headers of one message. `id`: the same for each time that the message is sent; `secrets`: one signature for each,
 * of which a receiver needs to verify one.
 */
export function signatureHeaders(message: {
  readonly id: string;
  /** Milliseconds. */
  readonly at: number;
  readonly body: string;
  readonly secrets: readonly string[];
}): Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>> {
  const { id, body, secrets } = message;
  const timestamp = String(Math.floor(message.at / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}
