/** Which blocks of Markdown are diagrams: those in Mermaid's language that have ended. */
import { expect, it } from 'vitest';
import { isDiagram } from '../../../src/web/markdown/fenced-diagram.ts';
import { blocksOf } from '../../../src/web/markdown/markdown-lexer.ts';

const diagrams = (text: string) =>
  blocksOf(text).filter((token) => token.type === 'code' && isDiagram(token));

it('[WEB4] a block is a diagram once its fence is closed', () => {
  const text = '```mermaid\nflowchart LR\n  A --> B\n```\n\nafter';
  for (let length = 0; length <= text.length; length++) {
    const isClosed = length >= text.indexOf('\n```\n') + 4;
    expect([length, diagrams(text.slice(0, length)).length]).toEqual([length, isClosed ? 1 : 0]);
  }
  for (const closed of [
    '~~~mermaid\nx\n~~~',
    '````Mermaid theme\n```\n````',
    '```mermaid\nx\n`````',
    '```mermaid\n```',
  ]) {
    expect([closed, diagrams(closed).length]).toEqual([closed, 1]);
  }
  for (const other of [
    '````mermaid\nx\n```',
    '```mermaid\nx\n~~~',
    '```js\nmermaid\n```',
    '    mermaid',
    '```mermaids\nx\n```',
  ]) {
    expect([other, diagrams(other).length]).toEqual([other, 0]);
  }
});
