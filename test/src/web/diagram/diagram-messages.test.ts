/**
 * What page and frame of a diagram tell each other. Goal: whatever the frame says, the page takes only what has one of the
 * known shapes, within its bounds. Method: generated values, and answers that are nearly right.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  diagramAnswer,
  diagramHeightMax,
  diagramOrder,
  diagramUnitsMax,
} from '../../../../src/web/diagram/diagram-messages.ts';

const field = fc.oneof(
  fc.constantFrom('ready', 'drawn', 'failed', 'draw', 'light', 'dark'),
  fc.double(),
  fc.string({ maxLength: 3000 }),
  fc.anything(),
);
const message = fc.oneof(
  fc.anything(),
  fc.record(
    { type: field, height: field, reason: field, text: field, scheme: field, more: field },
    { requiredKeys: ['type'] },
  ),
);

it('[WEB4] the page takes from the frame of a diagram only known answers, each within its bounds', () => {
  fc.assert(
    fc.property(message, (data) => {
      const answer = diagramAnswer(data);
      switch (answer?.type) {
        case undefined:
          return;
        case 'ready':
          expect(answer).toEqual({ type: 'ready' });
          return;
        case 'drawn':
          expect(Object.keys(answer)).toEqual(['type', 'height']);
          expect(Number.isInteger(answer.height)).toBe(true);
          expect(answer.height).toBeGreaterThan(0);
          expect(answer.height).toBeLessThanOrEqual(diagramHeightMax);
          return;
        case 'failed':
          expect(Object.keys(answer)).toEqual(['type', 'reason']);
          expect(answer.reason.length).toBeLessThanOrEqual(500);
      }
    }),
  );
  expect(diagramAnswer({ type: 'drawn', height: 12.3, more: 1 })).toEqual({ type: 'drawn', height: 13 });
  expect(diagramAnswer({ type: 'drawn', height: 1e9 })).toEqual({ type: 'drawn', height: diagramHeightMax });
  for (const height of [0, -1, Number.NaN, '12', undefined]) {
    expect(diagramAnswer({ type: 'drawn', height })).toBeUndefined();
  }
  expect(diagramAnswer({ type: 'failed', reason: 'x'.repeat(9999) })).toEqual({
    type: 'failed',
    reason: 'x'.repeat(500),
  });
  expect(diagramAnswer({ type: 'failed', reason: { toString: () => 'x' } })).toBeUndefined();
});

it('[WEB4] the frame takes only orders to draw a text that is not too long', () => {
  fc.assert(
    fc.property(message, (data) => {
      const order = diagramOrder(data);
      if (order !== undefined) expect(Object.keys(order)).toEqual(['type', 'text', 'scheme']);
    }),
  );
  const order = { type: 'draw', text: 'x'.repeat(diagramUnitsMax), scheme: 'dark' };
  expect(diagramOrder(order)).toEqual(order);
  expect(diagramOrder({ ...order, text: `${order.text}x` })).toBeUndefined();
  expect(diagramOrder({ ...order, text: 'x\n'.repeat(199) })).toBeDefined();
  for (const end of ['\n', ';'])
    expect(diagramOrder({ ...order, text: `x${end}`.repeat(200) })).toBeUndefined();
  expect(diagramOrder({ ...order, scheme: 'midnight' })).toBeUndefined();
  expect(diagramOrder({ ...order, type: 'ready' })).toBeUndefined();
});
