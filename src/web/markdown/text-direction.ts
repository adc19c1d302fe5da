/** The direction of what holds other texts, such as a list: on which side its marks stand. */

const firstLetter = /\p{L}/u;
const rightToLeft =
  /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Adlam}/u;
/** How far the first letter is looked for, UTF-16 units. */
const unitsMax = 500;

/** `undefined`: from left to right. `dir=auto` would look through what is added to a long list again and again. */
export function textDirection(text: string): 'rtl' | undefined {
  const [letter] = firstLetter.exec(text.slice(0, unitsMax)) ?? [];
  return letter !== undefined && rightToLeft.test(letter) ? 'rtl' : undefined;
}
