/** What the route of a command takes from the command's row. */
import type { CommandDescription } from '../../../schema/command-description.ts';
import { commandTable } from '../../../schema/command-table.ts';
import type { SessionCommandType } from '../../../schema/commands.ts';
import { type ServerCommandType, serverCommandTable } from '../../../schema/server-command-table.ts';
import { type TurnCommandType, turnCommandTable } from '../../../schema/turn-command-table.ts';

const commands = { ...commandTable, ...serverCommandTable, ...turnCommandTable };

/** Method, path, summary, and who may give the command. */
export function described(type: SessionCommandType | ServerCommandType | TurnCommandType) {
  const { rest, summary, scope, action, sameOrigin }: CommandDescription = commands[type];
  return {
    ...rest,
    summary,
    scope,
    ...(action === null ? {} : { action }),
    ...(sameOrigin ? { sameOrigin } : {}),
  };
}
