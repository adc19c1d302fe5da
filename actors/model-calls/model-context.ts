/**
 * Model context: what a model is given of a conversation, bounded by tokens (docs/tools.md). Pure.
 *
 * The policy: the system prompt, the prompt and the steps of this turn always go; so does what people said as `system`
 * or `developer`. Of the rest the newest goes that fits, in whole exchanges, and a marker says how much is missing.
 */
import { attachmentTokens } from '../../schema/attachment.ts';
import type { ModelMessage, TokenEstimate } from '../ports.ts';
import type { Exchange, HistoryMessage } from './conversation-history.ts';

export type ModelContextInput = {
  readonly systemPrompt: string | undefined;
  /** What came before the prompt, oldest first. */
  readonly exchanges: readonly Exchange[];
  /** There was more before those. */
  readonly isCut: boolean;
  readonly prompt: ModelMessage;
  /** Of the turn that answers the prompt. */
  readonly steps: readonly HistoryMessage[];
  /** Of the tools' definitions, by `estimate`. */
  readonly toolTokens: number;
  /** Tokens by `estimate`. */
  readonly tokensMax: number;
  readonly estimate: TokenEstimate;
};

export type ModelContext = {
  readonly messages: readonly ModelMessage[];
  /** All of it, tools included, by the estimate. */
  readonly tokens: number;
  /** Some exchange was left out. */
  readonly isCut: boolean;
  /** There is nothing more that could be left out. */
  readonly isLeast: boolean;
};

/** Tokens that a message costs beside its text. */
const messageOverheadTokens = 4;

export function modelContext(input: ModelContextInput): ModelContext {
  const { systemPrompt, exchanges, prompt, toolTokens, tokensMax, estimate } = input;
  const cost = (messages: readonly ModelMessage[]) =>
    messages.reduce((sum, message) => sum + tokensOf(message, estimate), 0);
  const head: ModelMessage[] =
    systemPrompt === undefined || systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }];
  const fixed = cost([...head, prompt]) + toolTokens;
  const steps = fittingSteps(input.steps, tokensMax - fixed, cost);
  const must = fixed + steps.price;
  // The marker has its place before anybody knows whether it is needed.
  const { kept, price } = keptOf(exchanges, tokensMax - must - cost([longestMarker]), cost);
  const dropped = exchanges.reduce((sum, exchange) => sum + droppedOf(exchange, kept.get(exchange)), 0);
  const marker = markerOf(dropped, input.isCut);
  const before = exchanges.flatMap((exchange) => kept.get(exchange)?.messages ?? []);
  return {
    messages: [...head, ...marker, ...before, prompt, ...steps.messages],
    tokens: must + cost(marker) + price,
    isCut: dropped > 0,
    isLeast: kept.size === 0 && input.steps.every(({ brief }, index) => steps.messages[index] === brief),
  };
}

/** Reads all of the text, so each message is counted once if that can be. */
type Cost = (messages: readonly ModelMessage[]) => number;

/** What is told of an exchange. */
type Kept = { readonly messages: readonly ModelMessage[]; readonly isWhole: boolean };

/** `price`: tokens of all that is kept. */
function keptOf(
  exchanges: readonly Exchange[],
  room: number,
  cost: Cost,
): { readonly kept: ReadonlyMap<Exchange, Kept>; readonly price: number } {
  const kept = new Map<Exchange, Kept>();
  let price = 0;
  // What people said as system comes first, the newest of it should there be too much.
  for (const exchange of exchanges.toReversed()) {
    if (exchange.pinned === null) continue;
    const { message } = exchange.pinned;
    const itsPrice = cost([message]);
    if (itsPrice > (room - price) / 2) break;
    price += itsPrice;
    kept.set(exchange, { messages: [message], isWhole: exchange.messages.length === 0 });
  }
  for (const exchange of exchanges.toReversed()) {
    const paid = kept.get(exchange);
    const told =
      exchange.pinned === null || paid !== undefined
        ? exchange.messages
        : [exchange.pinned, ...exchange.messages];
    const fitting = fittingMessages(told, room - price, cost);
    if (fitting === null) break;
    price += fitting.price;
    if (told.length > 0) {
      kept.set(exchange, { messages: [...(paid?.messages ?? []), ...fitting.messages], isWhole: true });
    }
  }
  return { kept, price };
}

type Priced = { readonly messages: readonly ModelMessage[]; readonly price: number };

/** Whole if there is room, else with less of its results, else `null`. */
function fittingMessages(told: readonly HistoryMessage[], room: number, cost: Cost): Priced | null {
  const whole = told.map(({ message }) => message);
  const price = cost(whole);
  if (price <= room) return { messages: whole, price };
  const brief = told.map((one) => one.brief);
  const briefPrice = cost(brief);
  return briefPrice <= room ? { messages: brief, price: briefPrice } : null;
}

/** When the steps of this turn are too long, the results of the oldest make room, one after the other. */
function fittingSteps(steps: readonly HistoryMessage[], tokensMax: number, cost: Cost): Priced {
  let price = cost(steps.map(({ message }) => message));
  const messages = steps.map(({ message, brief }) => {
    if (price <= tokensMax) return message;
    if (brief !== message) price -= cost([message]) - cost([brief]);
    return brief;
  });
  return { messages, price };
}

function droppedOf({ pinned, count }: Exchange, kept: Kept | undefined): number {
  if (kept?.isWhole === true) return 0;
  return kept === undefined && pinned !== null ? count + 1 : count;
}

const longestMarker: ModelMessage = {
  role: 'system',
  content: '[At least 100 earlier messages of this conversation are left out: there was no room for them]',
};

function markerOf(dropped: number, isCut: boolean): readonly ModelMessage[] {
  if (dropped === 0 && !isCut) return [];
  return [{ role: 'system', content: markerText(dropped, isCut) }];
}

function markerText(dropped: number, isCut: boolean): string {
  if (dropped === 0)
    return '[Earlier messages of this conversation are left out: there was no room for them]';
  const some = isCut ? 'At least ' : '';
  return dropped === 1
    ? `[${some}1 earlier message of this conversation is left out: there was no room for it]`
    : `[${some}${dropped} earlier messages of this conversation are left out: there was no room for them]`;
}

/** What each message costs by an estimate, for as long as the message is kept. */
const knownTokens = new WeakMap<TokenEstimate, WeakMap<ModelMessage, number>>();

function tokensOf(message: ModelMessage, estimate: TokenEstimate): number {
  let known = knownTokens.get(estimate);
  if (known === undefined) {
    known = new WeakMap();
    knownTokens.set(estimate, known);
  }
  let tokens = known.get(message);
  if (tokens === undefined) {
    tokens = countedTokens(message, estimate);
    known.set(message, tokens);
  }
  return tokens;
}

function countedTokens(message: ModelMessage, estimate: TokenEstimate): number {
  const calls =
    message.role === 'assistant'
      ? message.toolCalls.reduce((sum, call) => sum + estimate(call.name) + estimate(call.argumentsJson), 0) +
        (message.continuation === undefined ? 0 : estimate(JSON.stringify(message.continuation)))
      : 0;
  const files =
    message.role === 'user' || message.role === 'tool'
      ? (message.attachments ?? []).reduce((sum, file) => sum + attachmentTokens(file), 0)
      : 0;
  return messageOverheadTokens + estimate(message.content) + calls + files;
}
