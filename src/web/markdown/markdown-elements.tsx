/** Tokens of Markdown as elements. */
import type { Token, Tokens } from 'marked';
import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { PlainText } from '../design/plain-text.tsx';
import { useSlice } from '../design/slices.ts';
import { CodeBlock } from './code-block.tsx';
import { DiagramBlock } from './diagram-block.tsx';
import { withoutEntities } from './entity.ts';
import { isDiagram } from './fenced-diagram.ts';
import { linkAddress } from './link-address.ts';
import type { MarkdownToken } from './markdown-lexer.ts';
import { MathView } from './math-view.tsx';
import { TableView } from './table-view.tsx';
import { textDirection } from './text-direction.ts';

/** Tells the footnotes of one text from those of others. */
export const NotesOf = createContext('');

function Inline({ tokens }: { readonly tokens: readonly Token[] | undefined }) {
  return <>{tokens?.map(drawn)}</>;
}

export function drawn(given: Token): ComponentChildren {
  // The reader makes only these tokens.
  const token = given as MarkdownToken;
  switch (token.type) {
    case 'space':
    case 'def':
      return null;
    case 'paragraph':
      return (
        <p>
          <Inline tokens={token.tokens} />
        </p>
      );
    case 'heading':
      return <Heading token={token} />;
    case 'code':
      return isDiagram(token) ? (
        <DiagramBlock code={token.text} />
      ) : (
        <CodeBlock code={token.text} language={token.lang} />
      );
    case 'blockquote':
      return <blockquote dir={textDirection(token.text)}>{token.tokens.map(drawn)}</blockquote>;
    case 'list':
      return <List token={token} />;
    case 'list_item':
      return <li class={token.task ? 'task' : ''}>{token.tokens.map(drawn)}</li>;
    case 'checkbox':
      return (
        <input
          type="checkbox"
          checked={token.checked}
          disabled
          aria-label={token.checked ? 'Done' : 'To do'}
        />
      );
    case 'hr':
      return <hr />;
    case 'table':
      return <TableView token={token} draw={drawn} />;
    case 'text':
      return token.tokens === undefined ? (
        <PlainText text={withoutEntities(token.text)} />
      ) : (
        <Inline tokens={token.tokens} />
      );
    case 'unread':
      return (
        <div class="plain">
          <PlainText text={token.raw} />
        </div>
      );
    case 'html':
      return withoutEntities(token.text);
    case 'escape':
      return token.text;
    case 'strong':
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <Link href={token.href}>{token.tokens.map(drawn)}</Link>;
    case 'image':
      return <Link href={token.href}>{`picture: ${token.text === '' ? token.href : token.text}`}</Link>;
    case 'math':
    case 'math-block':
      return <MathView token={token} />;
    case 'footnote':
      return <Footnote label={token.label}>{token.tokens.map(drawn)}</Footnote>;
    case 'footnote-reference':
      return <FootnoteReference label={token.label} />;
    default:
      return given.raw;
  }
}

function Link({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  const address = linkAddress(href);
  if (address === undefined) return <span>{children}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}

/** Headings of an answer begin at `h3`, below those of the page. */
function Heading({ token }: { readonly token: Tokens.Heading }) {
  const content = <Inline tokens={token.tokens} />;
  switch (token.depth) {
    case 1:
      return <h3>{content}</h3>;
    case 2:
      return <h4>{content}</h4>;
    default:
      return <h5>{content}</h5>;
  }
}

/** Items of a list that are drawn at once; further ones follow in slices. */
const itemsAtOnce = 50;

function List({ token }: { readonly token: Tokens.List }) {
  const items: ComponentChildren[] = [];
  for (let from = 0; from < token.items.length; from += itemsAtOnce) {
    items.push(<Items key={from} items={token.items.slice(from, from + itemsAtOnce)} isLater={from > 0} />);
  }
  const dir = textDirection(token.items[0]?.text ?? '');
  if (!token.ordered) return <ul dir={dir}>{items}</ul>;
  return (
    <ol dir={dir} start={token.start === '' ? 1 : token.start}>
      {items}
    </ol>
  );
}

function Items(props: { readonly items: readonly Tokens.ListItem[]; readonly isLater: boolean }) {
  return useSlice(props.isLater) ? props.items.map(drawn) : null;
}

function Footnote({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  const id = `${useContext(NotesOf)}-note-${label}`;
  return (
    // Its references take the focus here.
    <div class="footnote" id={id} tabIndex={-1} role="note">
      <sup>{label}</sup> {children}
    </div>
  );
}

/** A button, because the page's address names the session. */
function FootnoteReference({ label }: { readonly label: string }) {
  const id = `${useContext(NotesOf)}-note-${label}`;
  return (
    <sup>
      <button
        type="button"
        class="footnote-reference"
        aria-label={`Footnote ${label}`}
        onClick={() => {
          const note = document.getElementById(id);
          note?.scrollIntoView({ block: 'nearest' });
          note?.focus();
        }}
      >
        {label}
      </button>
    </sup>
  );
}
