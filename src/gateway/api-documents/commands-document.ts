/** Makes `docs/commands.md` from the command tables; a test compares the document with it. */
import type { CommandDescription } from '../../../schema/command-description.ts';
import { commandTable } from '../../../schema/command-table.ts';
import { serverCommandTable } from '../../../schema/server-command-table.ts';
import { turnCommandTable } from '../../../schema/turn-command-table.ts';
import { unreachable } from '../../../schema/unreachable.ts';

type Row = CommandDescription & {
  readonly namedBy: 'key' | 'key or message id' | 'key or id' | 'sequence numbers' | 'turn' | 'nothing';
};

/** Markdown. */
export function commandsDocument(): string {
  return `# Commands

Everything that changes something is a command. Each has a row in a table, and this page is made from those tables. A
command is answered once its effect is durable ([CMD1]); queries change nothing. The bodies and the answers are in
\`/openapi.json\`, the frames in \`/asyncapi.json\` of a running server.

*Frame*: the command's \`callboard.v1\` frame; without one, only REST takes it. *Repetition*: what tells the server that
a command was sent before, so that it takes effect once: an \`Idempotency-Key\` ([CMD4]) or an id that the client
made. *Scope*: what whoever gives it must be allowed ([security.md](security.md)); those with * are refused to pages of
other origins, whatever they are allowed ([CMD6]).

## To a session

Rows: [schema/command-table.ts](../schema/command-table.ts). Each is an event of the session's machine.

${markdownTable(commandTable)}

## To a turn

Rows: [schema/turn-command-table.ts](../schema/turn-command-table.ts). An agent gives them to the turn that it pushes
from outside ([agents.md](agents.md)); whoever has the turn's lease may.

${markdownTable(turnCommandTable)}

## To the server

Rows: [schema/server-command-table.ts](../schema/server-command-table.ts).

${markdownTable(serverCommandTable)}
`;
}

function markdownTable(commands: Readonly<Record<string, Row>>): string {
  const head = ['command', 'REST', 'frame', 'repetition', 'scope', 'what it does'];
  const rows = Object.entries(commands).map(
    ([type, { rest, frame, namedBy, scope, sameOrigin, summary }]) => [
      `\`${type}\``,
      `\`${rest.method} ${rest.path}\``,
      frame === null ? '' : `\`${frame}\``,
      shownName(namedBy),
      sameOrigin ? `${scope} \\*` : scope,
      summary,
    ],
  );
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function shownName(namedBy: Row['namedBy']): string {
  switch (namedBy) {
    case 'key':
      return '`Idempotency-Key`';
    case 'key or message id':
      return '`Idempotency-Key` or `id`';
    case 'sequence numbers':
      return 'the numbers of its parts';
    case 'turn':
      return 'its turn';
    case 'key or id':
      return '`Idempotency-Key` or ids';
    case 'nothing':
      return '';
    default:
      return unreachable(namedBy);
  }
}
