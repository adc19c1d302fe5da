/**
 * Which route a path finds, and what its parameters are.
 *
 * Goal: a name of any characters travels in a path and arrives unchanged. Method: a table of two routes; names are
 * generated.
 */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { local } from '../../../../schema/principal.ts';
import { accepted } from '../../../../schema/refusal.ts';
import { boundedText } from '../../../../schema/validation.ts';
import { asLocal } from '../../../../src/gateway/authentication/authenticator.ts';
import { route, takesNothing } from '../../../../src/gateway/http/route.ts';
import { routeMatcher } from '../../../../src/gateway/http/route-match.ts';
import { fakeServices } from '../fake-services.ts';

const named = route({
  ...takesNothing,
  method: 'PUT',
  path: '/flags/:name',
  tag: 'flags',
  summary: 'Sets a flag.',
  name: boundedText({ charactersMin: 1, charactersMax: 10 }),
  response: { status: 200, description: 'The flag.', schema: z.object({ name: z.string() }) },
  answer: (_, { name }) => accepted(name),
});
const find = routeMatcher([named]);

async function answered(path: string) {
  const found = find('PUT', path);
  if (found === undefined || typeof found.route.handle !== 'function') return 'no route';
  const { id, callId, messageId, name } = found;
  const query = new URLSearchParams();
  const by = { by: asLocal, principal: local };
  const request = { id, callId, messageId, name, body: {}, query, named: undefined, ...by };
  return found.route.handle(fakeServices(), request);
}

describe('names in paths', () => {
  it('[HTTP2] arrive as they were before they were percent-encoded', async () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        fc.pre([...text].length <= 10 && !text.includes('\0'));
        expect(await answered(`/flags/${encodeURIComponent(text)}`)).toEqual({ ok: true, value: text });
      }),
    );
  });

  it('[HTTP2] are refused when they cannot be decoded, or are too long', async () => {
    expect(await answered('/flags/%E0%A4')).toMatchObject({ refusal: { code: 'bad_request' } });
    expect(await answered('/flags/12345678901')).toMatchObject({
      refusal: { code: 'validation_failed' },
      errors: [{ property: 'name', constraints: { maxLength: expect.any(String) } }],
    });
    expect(await answered('/flags/')).toBe('no route');
  });
});
