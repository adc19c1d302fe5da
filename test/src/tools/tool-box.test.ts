import { describe, expect, it } from 'vitest';
import { createBuiltInToolBox, createToolBox } from '../../../src/tools/tool-box.ts';
import { createManualClock } from '../engines/manual-clock.ts';

describe('the tool box', () => {
  it('finds a tool by its exact name and lists all', () => {
    const box = createBuiltInToolBox({ clock: createManualClock() });
    expect(box.find('clock')?.name).toBe('clock');
    expect(box.find('Clock')).toBeUndefined();
    expect(box.find('__proto__')).toBeUndefined();
    expect(box.list().map((tool) => tool.name)).toEqual(['clock']);
  });

  it('does not accept two tools of one name', () => {
    const [tool] = createBuiltInToolBox({ clock: createManualClock() }).list();
    if (tool === undefined) throw new Error('no built-in tool');
    expect(() => createToolBox([tool, tool])).toThrow('one tool is named clock');
  });
});
