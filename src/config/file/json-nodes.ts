/** Reads JSON into config nodes. `JSON.parse` decides what is JSON; this only finds where its parts stand. */
import type { ConfigNode, ConfigScalar } from './config-node.ts';

const token = /\s*(?:("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null)|([[\]{},:]))/suy;

/** Throws what `JSON.parse` throws. The text must not be nested so deep that recursion is a danger. */
export function jsonNodes(text: string): ConfigNode {
  JSON.parse(text);
  const reader = new RegExp(token);
  const next = (): { readonly text: string; readonly start: number; readonly isMark: boolean } => {
    const found = reader.exec(text);
    const [, scalar, mark = ''] = found ?? [];
    return {
      text: scalar ?? mark,
      start: reader.lastIndex - (scalar ?? mark).length,
      isMark: scalar === undefined,
    };
  };
  const readNode = (first = next()): ConfigNode => {
    const { start } = first;
    if (!first.isMark) return { kind: 'scalar', value: scalarOf(first.text), start, end: reader.lastIndex };
    if (first.text === '[') {
      const items: ConfigNode[] = [];
      for (let at = next(); at.text !== ']' || !at.isMark; at = next()) {
        if (at.isMark && at.text === ',') continue;
        items.push(readNode(at));
      }
      return { kind: 'list', items, start, end: reader.lastIndex };
    }
    const entries: { key: string; node: ConfigNode }[] = [];
    for (let at = next(); at.text !== '}' || !at.isMark; at = next()) {
      if (at.isMark && at.text === ',') continue;
      // The colon.
      next();
      entries.push({ key: String(scalarOf(at.text)), node: readNode() });
    }
    return { kind: 'map', entries, start, end: reader.lastIndex };
  };
  return readNode();
}

function scalarOf(text: string): ConfigScalar['value'] {
  const value: unknown = JSON.parse(text);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
