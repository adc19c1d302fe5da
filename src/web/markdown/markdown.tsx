/**
 * Renders Markdown as elements. It never makes HTML from text: each token becomes its element, HTML in a text is
 * shown as text, and a picture becomes a link, so that reading an answer sends no request anywhere.
 */
import type { MarkedToken, Token, Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { CodeBlock } from './code-block.tsx';
import { withoutEntities } from './entity.ts';
import { linkAddress } from './link-address.ts';
import { GrowingMarkdown } from './markdown-blocks.ts';

/** `growing` means that more text may follow. */
export function Markdown({ text, growing }: { readonly text: string; readonly growing: boolean }) {
  const reader = useRef<GrowingMarkdown>(undefined);
  reader.current ??= new GrowingMarkdown();
  const current = reader.current;
  const blocks = useMemo(() => (growing ? current.grown(text) : current.ended(text)), [text, growing]);
  return (
    <div class="markdown">
      {blocks.map((token, index) => (
        <Block key={index} token={token} />
      ))}
    </div>
  );
}

/** Redrawn only when its token is another object. */
function Block({ token }: { readonly token: Token }) {
  return useMemo(() => <>{drawn(token)}</>, [token]);
}

function Inline({ tokens }: { readonly tokens: readonly Token[] | undefined }) {
  return <>{tokens?.map(drawn)}</>;
}

function drawn(given: Token): ComponentChildren {
  // Without extensions, `marked` makes only these tokens.
  const token = given as MarkedToken;
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
      return <CodeBlock code={token.text} language={token.lang} />;
    case 'blockquote':
      return <blockquote>{token.tokens.map(drawn)}</blockquote>;
    case 'list':
      return <List token={token} />;
    case 'list_item':
      return <li>{token.tokens.map(drawn)}</li>;
    case 'checkbox':
      return <input type="checkbox" checked={token.checked} disabled aria-label="Task" />;
    case 'hr':
      return <hr />;
    case 'table':
      return <Table token={token} />;
    case 'text':
      return token.tokens === undefined ? withoutEntities(token.text) : <Inline tokens={token.tokens} />;
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

function List({ token }: { readonly token: Tokens.List }) {
  const items = token.items.map(drawn);
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={token.start === '' ? 1 : token.start}>{items}</ol>;
}

function Table({ token }: { readonly token: Tokens.Table }) {
  return (
    // Lets the keyboard scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
    <section class="wide" tabIndex={0} aria-label="Table">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, index) => (
              <th key={index} scope="col" class={cell.align ?? ''}>
                <Inline tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, rowIndex) => (
            <tr key={rowIndex}>
              {row.map((cell, index) => (
                <td key={index} class={cell.align ?? ''}>
                  <Inline tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
