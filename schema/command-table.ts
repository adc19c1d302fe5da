/**
 * Every command to a session, and how it is treated before it reaches the session: one row for each type of {@link
 * SessionCommand}. Every module that must know all commands has a table over the same keys, so that the compiler
 * names the module when a command is added: the session's machine, the door, the routes, the frames, the client
 * library. Commands that are addressed to no session are in `server-command-table.ts`.
 */
import type { CommandDescription } from './command-description.ts';
import type { SessionCommand, SessionCommandType } from './commands.ts';

type CommandRow = CommandDescription & {
  /** What identifies a repetition (I10), besides an `Idempotency-Key`. */
  readonly namedBy: 'key' | 'key or message id';
  /** Whether a stopping server still accepts it; `unless turn`: unless it would start a turn. */
  readonly whileDraining: 'taken' | 'refused' | 'unless turn';
  /** Whether a closed session still accepts it; what adds to the conversation or starts a turn is refused. */
  readonly whileClosed: 'taken' | 'refused';
  /** True when its session does not exist yet, so that nothing needs to wake. */
  readonly creates: boolean;
  /**
   * What is looked up for it, because the session's machine may not know it: a tool call, a message's place in the tree,
   * who takes part.
   */
  readonly needsStored: 'call' | 'place' | 'participants' | null;
};

const ordinary = {
  scope: 'chat',
  action: 'own',
  sameOrigin: false,
  namedBy: 'key',
  whileDraining: 'taken',
  whileClosed: 'taken',
  creates: false,
  needsStored: null,
} as const;

const decision = { ...ordinary, whileDraining: 'refused', needsStored: 'call' } as const;

const ofMessage = { ...ordinary, action: 'take part', needsStored: 'place' } as const;

const ofParticipant = { ...ordinary, needsStored: 'participants', frame: null } as const;

export const commandTable = {
  'session.create': {
    ...ordinary,
    action: null,
    summary: 'Creates a session.',
    rest: { method: 'POST', path: '/chat-sessions' },
    frame: null,
    creates: true,
  },
  'session.update': {
    ...ordinary,
    summary: 'Renames a session; `description: null` clears the description.',
    rest: { method: 'PATCH', path: '/chat-sessions/:id' },
    frame: null,
  },
  'session.archive': {
    ...ordinary,
    summary: 'Archives a session. It still accepts messages.',
    rest: { method: 'PATCH', path: '/chat-sessions/:id/archive' },
    frame: null,
  },
  'session.unarchive': {
    ...ordinary,
    summary: 'Takes a session out of the archive.',
    rest: { method: 'PATCH', path: '/chat-sessions/:id/unarchive' },
    frame: null,
  },
  'session.hand-over': {
    ...ordinary,
    scope: 'admin',
    sameOrigin: true,
    summary:
      'Gives a session to another principal, for those who see all sessions; it is recorded in the audit.',
    rest: { method: 'POST', path: '/chat-sessions/:id/owner' },
    frame: null,
  },
  'session.close': {
    ...ordinary,
    summary: 'Closes a session: it takes no more messages. What it took before is still answered.',
    rest: { method: 'POST', path: '/chat-sessions/:id/close' },
    frame: null,
  },
  'session.reopen': {
    ...ordinary,
    summary: 'Opens a closed session again.',
    rest: { method: 'POST', path: '/chat-sessions/:id/reopen' },
    frame: null,
  },
  'session.delete': {
    ...ordinary,
    summary: 'Deletes a session, and cancels its answer if it is giving one.',
    rest: { method: 'DELETE', path: '/chat-sessions/:id' },
    frame: null,
  },
  'message.add': {
    ...ordinary,
    action: 'take part',
    summary: 'Adds a message. Answers before the engine runs.',
    rest: { method: 'POST', path: '/chat-sessions/:id/messages' },
    frame: 'message.send',
    namedBy: 'key or message id',
    whileDraining: 'unless turn',
    whileClosed: 'refused',
  },
  'session.fork': {
    ...ordinary,
    action: 'see',
    summary: 'Copies the conversation up to a message into a new session.',
    rest: { method: 'POST', path: '/chat-sessions/:id/fork' },
    frame: null,
    creates: true,
  },
  'session.import': {
    ...ordinary,
    sameOrigin: true,
    action: null,
    summary: 'Creates a session from a transcript.',
    rest: { method: 'POST', path: '/chat-sessions/import' },
    frame: null,
    creates: true,
  },
  'participant.add': {
    ...ofParticipant,
    summary: 'Lets a person or an agent take part in a session, as owner, agent or observer.',
    rest: { method: 'POST', path: '/chat-sessions/:id/participants' },
  },
  'participant.update': {
    ...ofParticipant,
    summary: "Changes a participant's role or name; `name: null` clears the name.",
    rest: { method: 'PATCH', path: '/chat-sessions/:id/participants/:name' },
  },
  'participant.remove': {
    ...ofParticipant,
    summary: 'Ends the part of a participant.',
    rest: { method: 'DELETE', path: '/chat-sessions/:id/participants/:name' },
  },
  'message.regenerate': {
    ...ofMessage,
    summary: 'Gives a new answer beside the old one, or goes on with one that was cut off.',
    rest: { method: 'POST', path: '/chat-sessions/:id/messages/:messageId/regenerate' },
    frame: 'message.regenerate',
    whileDraining: 'refused',
    whileClosed: 'refused',
  },
  'message.edit': {
    ...ofMessage,
    summary:
      'Adds another version of a question beside the old one, and its answer; changes a message that waits.',
    rest: { method: 'PATCH', path: '/chat-sessions/:id/messages/:messageId' },
    frame: 'message.edit',
    whileDraining: 'refused',
    whileClosed: 'refused',
  },
  'message.delete': {
    ...ofMessage,
    summary: 'Deletes a message and all below it, or takes one out of the queue.',
    rest: { method: 'DELETE', path: '/chat-sessions/:id/messages/:messageId' },
    frame: 'message.delete',
  },
  'message.send-now': {
    ...ofMessage,
    summary: 'Cancels the answer that runs, and begins with this message, which waits.',
    rest: { method: 'POST', path: '/chat-sessions/:id/messages/:messageId/send-now' },
    frame: 'message.send-now',
    whileDraining: 'refused',
  },
  'message.steer': {
    ...ofMessage,
    summary: 'Gives a message that waits to the model before its next call, instead of after the answer.',
    rest: { method: 'POST', path: '/chat-sessions/:id/messages/:messageId/steer' },
    frame: 'message.steer',
    whileDraining: 'refused',
  },
  'branch.select': {
    ...ofMessage,
    summary: 'Makes another branch of the conversation the current one, for everybody.',
    rest: { method: 'PUT', path: '/chat-sessions/:id/branch' },
    frame: 'branch.select',
  },
  'turn.start': {
    ...ordinary,
    action: 'take part',
    summary: 'Begins a turn whose answer an agent pushes from outside.',
    rest: { method: 'POST', path: '/chat-sessions/:id/turns' },
    frame: 'turn.start',
    whileClosed: 'refused',
    whileDraining: 'refused',
  },
  'turn.claim': {
    ...ordinary,
    action: 'take part',
    summary: 'An outside agent takes a turn that is offered, to push its answer.',
    rest: { method: 'POST', path: '/turns/:id/claim' },
    frame: 'turn.claim',
  },
  'turn.cancel': {
    ...ordinary,
    action: 'take part',
    summary: 'Stops the answer and drops those that wait, or, with `messageId`, the one to that message.',
    rest: { method: 'POST', path: '/chat-sessions/:id/cancel' },
    frame: 'turn.cancel',
  },
  'tool.approve': {
    ...decision,
    summary: 'Lets a tool call run that waits for a person.',
    rest: { method: 'POST', path: '/chat-sessions/:id/tool-calls/:callId/approve' },
    frame: 'tool.approve',
  },
  'tool.deny': {
    ...decision,
    summary: 'Does not let it run; the model is told, with the reason.',
    rest: { method: 'POST', path: '/chat-sessions/:id/tool-calls/:callId/deny' },
    frame: 'tool.deny',
  },
} as const satisfies { readonly [Type in SessionCommandType]: CommandRow };

/** The commands whose row has this value in this column. */
type CommandsWith<Column extends keyof CommandRow, Value> = {
  [Type in SessionCommandType]: (typeof commandTable)[Type][Column] extends Value ? Type : never;
}[SessionCommandType];

/** A decision about a tool call. */
export type DecisionCommand = Extract<SessionCommand, { type: CommandsWith<'needsStored', 'call'> }>;

/** A command about one message of the session. */
export type MessageCommand = Extract<SessionCommand, { type: CommandsWith<'needsStored', 'place'> }>;

/** A command about one participant. */
export type ParticipantCommand = Extract<
  SessionCommand,
  { type: CommandsWith<'needsStored', 'participants'> }
>;

/** The commands that a closed session refuses. */
export type ClosableType = CommandsWith<'whileClosed', 'refused'>;

/** The frames that carry commands. */
export type CommandFrameName = NonNullable<(typeof commandTable)[SessionCommandType]['frame']>;

export function isDecision(command: SessionCommand): command is DecisionCommand {
  return commandTable[command.type].needsStored === 'call';
}

export function isMessageCommand(command: SessionCommand): command is MessageCommand {
  return commandTable[command.type].needsStored === 'place';
}

export function isParticipantCommand(command: SessionCommand): command is ParticipantCommand {
  return commandTable[command.type].needsStored === 'participants';
}

/** Whether a stopping server refuses the command, because the end of the process would cut off its effect. */
export function isRefusedWhileDraining(command: SessionCommand): boolean {
  const { whileDraining } = commandTable[command.type];
  return whileDraining === 'unless turn'
    ? 'turn' in command && command.turn !== undefined
    : whileDraining === 'refused';
}
