/** The buttons under a message. They appear when the message is pointed at or has the focus; on touch they always show. */
import type { Ref } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Client, SessionMessage } from '../../client/client.ts';
import { Button } from '../design/button.tsx';
import { copyText } from '../design/copy-text.ts';
import { lazily } from '../design/lazily.tsx';
import type { MessageActions } from './message-actions.ts';
import type { ModelMenuProps } from './model-menu.tsx';

const ModelMenu = lazily<ModelMenuProps>(async () => (await import('./model-menu.tsx')).ModelMenu);

export type MessageTools = {
  readonly client: Client;
  /** `undefined`: the user may only read. */
  readonly actions: MessageActions | undefined;
  /** The models with which a question can be answered again. */
  readonly choices: ModelMenuProps['choices'];
  /** Whether the session takes messages. */
  readonly isOpen: boolean;
  /** Whether the user may begin sessions. */
  readonly canFork: boolean;
};

export type MessageBarProps = {
  readonly message: SessionMessage;
  readonly tools: MessageTools;
  /** The ids of all versions of the message; `undefined`: it is the only one. */
  readonly versions: readonly string[] | undefined;
  /** `undefined`: it cannot be edited. */
  readonly onEdit: (() => void) | undefined;
  readonly editButton: Ref<HTMLButtonElement>;
};

export function MessageBar({ message, tools, versions, onEdit, editButton }: MessageBarProps) {
  const { id, role, promptId, content, parts, queueRank } = message;
  const { actions, isOpen, canFork } = tools;
  // An agent outside that spoke without being asked cannot be asked again.
  const canAskAgain = role === 'assistant' && promptId !== undefined && promptId !== id;
  return (
    <>
      {versions === undefined || actions === undefined ? null : (
        <VersionChoice versions={versions} shown={id} onSelect={actions.select} />
      )}
      <div class="tools">
        {/* A failed answer without a word has fixed words for clients that know no better. */}
        {parts.some(({ type }) => type === 'text') ? <CopyButton text={content} /> : null}
        {onEdit === undefined || actions === undefined || !isOpen ? null : (
          <Button look="quiet" icon="edit" label="Edit" focus={editButton} onClick={onEdit} />
        )}
        {canAskAgain && isOpen && actions !== undefined ? (
          <AskAgain id={id} askAgain={actions.askAgain} choices={tools.choices} />
        ) : null}
        {queueRank === undefined && canFork && actions !== undefined ? (
          <Button look="quiet" icon="fork" label="Fork from here" onClick={() => void actions.fork(id)} />
        ) : null}
      </div>
    </>
  );
}

function AskAgain(
  props: Pick<MessageTools, 'choices'> & Pick<MessageActions, 'askAgain'> & { readonly id: string },
) {
  const { id, choices, askAgain } = props;
  const [isMenuOpen, setMenuOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (choices.length < 2) {
    return <Button look="quiet" icon="again" label="Answer again" onClick={() => askAgain(id)} />;
  }
  return (
    <>
      <Button
        look="quiet"
        icon="again"
        label="Answer again…"
        hasMenu={isMenuOpen}
        focus={button}
        onClick={() => setMenuOpen(!isMenuOpen)}
      />
      {isMenuOpen ? (
        <ModelMenu
          choices={choices}
          anchor={button}
          onChoose={(model) => askAgain(id, model)}
          onClose={() => setMenuOpen(false)}
        />
      ) : null}
    </>
  );
}

function VersionChoice(props: {
  readonly versions: readonly string[];
  readonly shown: string;
  readonly onSelect: (id: string) => Promise<void>;
}) {
  const { versions, shown, onSelect } = props;
  const at = versions.indexOf(shown);
  const step = (to: -1 | 1, icon: 'back' | 'forward', label: string) => {
    const wanted = versions[at + to];
    return (
      <Button
        look="quiet"
        icon={icon}
        label={label}
        disabled={wanted === undefined}
        onClick={() => {
          if (wanted === undefined) return;
          askForFocus(wanted, label);
          void onSelect(wanted);
        }}
      />
    );
  };
  const group = useRef<HTMLFieldSetElement>(null);
  useEffect(() => focusIfAsked(group.current, shown), []);
  return (
    <fieldset class="versions" ref={group}>
      <legend class="unseen">Versions</legend>
      {step(-1, 'back', 'Previous version')}
      <span>
        <span class="unseen">Version </span>
        {at + 1}
        <span aria-hidden="true">/</span>
        <span class="unseen"> of </span>
        {versions.length}
      </span>
      {step(1, 'forward', 'Next version')}
    </fieldset>
  );
}

/**
 * The version that was selected takes the place of the one that had the focus, with other elements: its button of the
 * same name gets the focus, so that who uses the keyboard can go on.
 */
let asked: { readonly id: string; readonly label: string } | undefined;

function askForFocus(id: string, label: string): void {
  asked = { id, label };
}

function focusIfAsked(group: HTMLElement | null, id: string): void {
  if (asked?.id !== id) return;
  const { label } = asked;
  asked = undefined;
  const buttons = [...(group?.querySelectorAll('button') ?? [])];
  const enabled = buttons.filter(({ disabled }) => !disabled);
  (enabled.find(({ ariaLabel }) => ariaLabel === label) ?? enabled[0])?.focus();
}

/** How long the button says that it has copied, ms. */
const saidMs = 1500;

function CopyButton({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<number>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    if (!(await copyText(text))) return;
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCopied(false), saidMs);
  };
  return (
    <>
      <Button
        look="quiet"
        icon={isCopied ? 'check' : 'copy'}
        label={isCopied ? 'Copied' : 'Copy'}
        onClick={() => void copy()}
      />
      <span class="unseen" role="status">
        {isCopied ? 'Copied' : ''}
      </span>
    </>
  );
}
