/** The method that gives each command: the compiler demands one for every command that there is. */
import type { SessionCommandType } from '../../schema/commands.ts';
import type { Administration } from './administration.ts';
import type { claimTurn, startTurn } from './agent.ts';
import type { Client } from './client.ts';
import type { Session } from './session/session.ts';

type Complete<Methods extends { readonly [Type in SessionCommandType]: unknown }> = Methods;

export type CommandMethods = Complete<{
  'session.create': Client['createSession'];
  'session.update': Administration['updateSession'];
  'session.archive': Administration['archiveSession'];
  'session.unarchive': Administration['unarchiveSession'];
  'session.hand-over': Administration['handOverSession'];
  'session.close': Administration['closeSession'];
  'session.reopen': Administration['reopenSession'];
  'participant.add': Administration['addParticipant'];
  'participant.update': Administration['updateParticipant'];
  'participant.remove': Administration['removeParticipant'];
  'session.delete': Administration['deleteSession'];
  'session.import': Administration['importSession'];
  'session.fork': Session['fork'];
  'message.add': Session['send'];
  'message.regenerate': Session['regenerate'];
  'message.edit': Session['edit'];
  'message.delete': Session['deleteMessage'];
  'message.send-now': Session['sendNow'];
  'message.steer': Session['steer'];
  'branch.select': Session['selectBranch'];
  'turn.start': typeof startTurn;
  'turn.claim': typeof claimTurn;
  'turn.cancel': Session['cancel'];
  'tool.approve': Session['approve'];
  'tool.deny': Session['deny'];
}>;
