/**
 * Turns Zod's issues into the error entries that baseline clients read:
 * `{"property":"title","constraints":{"isNotEmpty":"title should not be empty"}}` (docs/protocol.md A2).
 */
import { z } from 'zod';
import { characterCount, storableText } from './text.ts';
import { unreachable } from './unreachable.ts';

export type ValidationError = {
  readonly property: string;
  readonly constraints: Readonly<Record<string, string>>;
};

/** Text counted in characters (code points), without NUL; lone surrogates are replaced (SPEC [TXT1], [TXT2]). */
export function boundedText(bounds: { readonly charactersMin?: number; readonly charactersMax: number }) {
  const { charactersMin = 0, charactersMax } = bounds;
  return z
    .string()
    .check((context) => {
      const count = characterCount(context.value);
      if (count < charactersMin) {
        context.issues.push({
          code: 'too_small',
          origin: 'string',
          minimum: charactersMin,
          input: context.value,
        });
      }
      if (count > charactersMax) {
        context.issues.push({
          code: 'too_big',
          origin: 'string',
          maximum: charactersMax,
          input: context.value,
        });
      }
      if (context.value.includes('\0')) {
        context.issues.push({ code: 'custom', params: { constraint: 'noNul' }, input: context.value });
      }
    })
    .overwrite(storableText)
    .meta({ minLength: charactersMin, maxLength: charactersMax });
}

/** One entry per property; the keys of its violated constraints are the names that the baseline's clients know. */
export function validationErrors(error: z.ZodError): ValidationError[] {
  const byProperty = new Map<string, Record<string, string>>();
  for (const issue of error.issues) {
    const property = issue.path.map(String).join('.') || 'body';
    const constraints = byProperty.get(property) ?? {};
    const [name, message] = constraintOf(issue, property);
    constraints[name] = message;
    byProperty.set(property, constraints);
  }
  return [...byProperty].map(([property, constraints]) => ({ property, constraints }));
}

function constraintOf(issue: z.core.$ZodIssue, property: string): [name: string, message: string] {
  switch (issue.code) {
    case 'invalid_type':
      return typeConstraint(issue.expected, property);
    case 'too_small':
      if (issue.origin === 'string' && issue.minimum === 1) {
        return ['isNotEmpty', `${property} should not be empty`];
      }
      return [
        'min',
        issue.inclusive === false
          ? `${property} must be greater than ${issue.minimum}`
          : `${property} must not be less than ${issue.minimum}`,
      ];
    case 'too_big':
      if (issue.origin === 'string') {
        return ['maxLength', `${property} must be shorter than or equal to ${issue.maximum} characters`];
      }
      return [
        'max',
        issue.inclusive === false
          ? `${property} must be less than ${issue.maximum}`
          : `${property} must not be greater than ${issue.maximum}`,
      ];
    case 'invalid_value':
      return ['isIn', `${property} must be one of the following values: ${issue.values.join(', ')}`];
    case 'custom':
      if (issue.params?.['constraint'] === 'isCursor') {
        return ['isCursor', `${property} must be a cursor, <epoch>:<seq>`];
      }
      if (issue.params?.['constraint'] === 'noNul') {
        return ['noNul', `${property} must not contain the character U+0000`];
      }
      if (issue.params?.['constraint'] === 'contentOrParts') {
        return ['contentOrParts', `${property} must not be given together with content`];
      }
      if (issue.params?.['constraint'] === 'isShallowJson') {
        return ['isShallowJson', `${property} must be JSON that is not nested too deeply`];
      }
      if (issue.params?.['constraint'] === 'isNoDotSegment') {
        return ['isNoDotSegment', `${property} must not be . or ..`];
      }
      if (issue.params?.['constraint'] === 'isNotBefore') {
        return ['isNotBefore', `${property} must not be before the start`];
      }
      if (issue.params?.['constraint'] === 'isNotItself') {
        return ['isNotItself', `${property} must not be the span itself`];
      }
      if (issue.params?.['constraint'] === 'isUnique') {
        return ['isUnique', `${property} must not come twice`];
      }
      if (issue.params?.['constraint'] === 'isOfFailure') {
        return ['isOfFailure', `${property} must only be given with the status failed`];
      }
      return ['isValid', `${property} is not valid`];
    case 'invalid_format':
      if (issue.format === 'regex' && issue.pattern !== undefined) {
        return ['matches', `${property} must match ${issue.pattern}`];
      }
      return [issue.format === 'uuid' ? 'isUuid' : 'matches', `${property} must be a valid ${issue.format}`];
    case 'unrecognized_keys':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      return ['isValid', `${property} is not valid: ${issue.message}`];
    default:
      return unreachable(issue);
  }
}

function typeConstraint(expected: string, property: string): [name: string, message: string] {
  switch (expected) {
    case 'string':
      return ['isString', `${property} must be a string`];
    case 'boolean':
      return ['isBoolean', `${property} must be a boolean value`];
    case 'number':
      return ['isNumber', `${property} must be a number`];
    case 'int':
      return ['isInt', `${property} must be an integer number`];
    case 'object':
    case 'record':
      return ['isObject', `${property} must be an object`];
    case 'array':
      return ['isArray', `${property} must be an array`];
    default:
      return ['isValid', `${property} must be of type ${expected}`];
  }
}
