/** Error bodies: their keys and order, on which the baseline's clients rely. */
import { expect, it } from 'vitest';
import { type RefusalCode, refusal, refusalTable } from '../../../schema/refusal.ts';
import { errorBody, errorBodySchema } from '../../../schema/wire/error-body.ts';

const request = { path: '/config?x=1', timestamp: '2026-11-23T04:40:00.000Z' };
const codes = Object.keys(refusalTable).filter((code): code is RefusalCode => code in refusalTable);

it('[HTTP4] has its keys in the order of the baseline', () => {
  expect(JSON.stringify(errorBody(refusal('not_found', 'Cannot PUT /config'), request))).toBe(
    '{"statusCode":404,"timestamp":"2026-11-23T04:40:00.000Z","path":"/config?x=1",' +
      '"message":"Cannot PUT /config","details":{"error":"Not Found","statusCode":404}}',
  );
});

it('[HTTP4] lists findings instead of the name of the error', () => {
  const errors = [{ property: 'title', constraints: { isNotEmpty: 'title should not be empty' } }];
  const body = errorBody(refusal('validation_failed', 'Validation failed'), request, errors);
  expect(body.details).toEqual({ errors });
});

it('[HTTP13] says that a retry can help where the table does, and nowhere else', () => {
  for (const code of codes) {
    const body = errorBody(refusal(code, 'm'), request);
    expect(errorBodySchema.parse(body)).toEqual(body);
    expect(body.retryable).toBe(refusalTable[code].retryable ? true : undefined);
    expect(body.statusCode).toBeGreaterThanOrEqual(400);
  }
});

it('the same status always has the same name', () => {
  const names = new Map<number, string>();
  for (const code of codes) {
    const { status, error } = refusalTable[code];
    expect(names.get(status) ?? error).toBe(error);
    names.set(status, error);
  }
});
