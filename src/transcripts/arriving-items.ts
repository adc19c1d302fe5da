/**
 * A JSON object whose lists are long, parsed item by item while it arrives, so that no single parse takes long: the
 * items of the lists directly in the object are parsed one by one, and in the rest, the frame, the number of an item
 * stands for it. Whatever is not JSON is no JSON in an item or in the frame.
 */
import { limits } from '../../schema/limits.ts';
import { type Outcome, type Refusal, refusal, refused } from '../../schema/refusal.ts';

/** The object with the number of an item in place of each item of its lists. */
export type ArrivedItems = { readonly frame: unknown; readonly items: readonly unknown[] };

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

export class ArrivingItems {
  readonly #items: unknown[] = [];
  readonly #frame: string[] = [];
  #frameUnits = 0;
  /** Text of the item that has begun and not ended; empty when there is none. */
  #item: string[] = [];
  #itemUnits = 0;
  #isInItem = false;
  #depth = 0;
  /** Whether the bracket that is open at depth 2 is that of a list. */
  #isInList = false;
  #isInString = false;
  #isEscaped = false;

  /** Takes the next piece of the text. Returns why the whole must be refused, or `null`; after that, do not call it. */
  push(text: string): Refusal | null {
    let kept = 0;
    const keep = (end: number) => {
      const piece = text.slice(kept, end);
      kept = end;
      if (this.#isInItem) {
        this.#item.push(piece);
        this.#itemUnits += piece.length;
      } else {
        this.#frame.push(piece);
        this.#frameUnits += piece.length;
      }
    };
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (unit === backslash) this.#isEscaped = true;
        else if (unit === quote) this.#isInString = false;
        continue;
      }
      if (unit <= 0x20) continue;
      if (this.#isInList && this.#depth === 2) {
        if (unit === comma || unit === closeList || unit === closeObject) {
          if (this.#isInItem) {
            keep(index);
            const reason = this.#endItem();
            if (reason !== null) return reason;
          }
        } else if (!this.#isInItem) {
          keep(index);
          this.#isInItem = true;
        }
      }
      if (unit === quote) this.#isInString = true;
      else if (unit === openList || unit === openObject) {
        this.#depth++;
        if (this.#depth > limits.jsonDepthMax) return tooDeep;
        if (this.#depth === 2) this.#isInList = unit === openList;
      } else if (unit === closeList || unit === closeObject) {
        if (this.#depth === 2) this.#isInList = false;
        this.#depth--;
      }
    }
    keep(text.length);
    return this.#excess();
  }

  /** Everything has arrived. */
  end(): Outcome<ArrivedItems> {
    if (this.#isInItem || this.#isInString || this.#depth > 0) {
      return refused(refusal('bad_json', `Request body must be valid JSON: it ends in ${this.#place()}`));
    }
    const frame = parsed(this.#frame.join(''));
    if (!frame.ok) return refused(refusal('bad_json', `Request body must be valid JSON: ${frame.reason}`));
    return { ok: true, value: { frame: frame.value, items: this.#items } };
  }

  #endItem(): Refusal | null {
    const excess = this.#excess();
    if (excess !== null) return excess;
    const item = parsed(this.#item.join(''));
    if (!item.ok) {
      return refusal('bad_json', `Request body must be valid JSON: ${this.#place()}: ${item.reason}`);
    }
    const stand = String(this.#items.push(item.value) - 1);
    this.#isInItem = false;
    this.#item = [];
    this.#itemUnits = 0;
    this.#frame.push(stand);
    this.#frameUnits += stand.length;
    return null;
  }

  #place(): string {
    return this.#isInItem ? `item ${this.#items.length + 1} of its lists` : 'the middle';
  }

  #excess(): Refusal | null {
    const { importItemUnitsMax, importFrameUnitsMax, importItemsMax } = limits;
    if (this.#itemUnits > importItemUnitsMax) {
      return refusal(
        'body_too_large',
        `Item ${this.#items.length + 1} of the lists must not be longer than ${importItemUnitsMax} characters`,
      );
    }
    if (this.#frameUnits > importFrameUnitsMax) {
      return refusal(
        'body_too_large',
        `What is beside the lists must not be longer than ${importFrameUnitsMax} characters`,
      );
    }
    return this.#items.length > importItemsMax
      ? refusal('body_too_large', `The lists must not have more than ${importItemsMax} items together`)
      : null;
  }
}

const tooDeep = refusal(
  'json_too_deep',
  `Request body must not be nested more than ${limits.jsonDepthMax} levels deep`,
);

function parsed(
  text: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
