import { describe, expect, it } from 'vitest';
import { isUuid } from '../../schema/ids.ts';
import { systemClock } from '../../src/clock.ts';
import { systemIds } from '../../src/ids.ts';

describe('the system clock', () => {
  it('runs what is due in order, after the current tick, and not what was cancelled', async () => {
    const ran: string[] = [];
    const cancelFar = systemClock.after(2 ** 40, () => ran.push('a delay longer than a timer can hold'));
    const cancel = systemClock.after(0, () => ran.push('cancelled'));
    await new Promise<void>((resolve) => {
      systemClock.soon(() => ran.push('soon'));
      systemClock.after(5, () => {
        ran.push('after');
        resolve();
      });
      cancel();
      ran.push('now');
    });
    cancelFar();
    expect(ran).toEqual(['now', 'soon', 'after']);
  });

  it('tells whole milliseconds', () => {
    expect(Number.isInteger(systemClock.now())).toBe(true);
  });
});

describe('system ids', () => {
  it('are UUIDs, each another', () => {
    const ids = Array.from({ length: 100 }, () => systemIds.next<string>());
    expect(ids.every(isUuid)).toBe(true);
    expect(new Set(ids).size).toBe(100);
  });
});
