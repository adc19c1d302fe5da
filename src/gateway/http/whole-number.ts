/** Whole numbers in query strings. */
import { z } from 'zod';

/** A whole number in a query string. Any other text, even an empty one, is passed on for the schema to refuse. */
export function wholeNumber(bounds: { readonly min: number; readonly max: number }) {
  return z.preprocess(
    (given) => (typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given),
    z.int().min(bounds.min).max(bounds.max),
  );
}
