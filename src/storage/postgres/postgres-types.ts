/** Turns values of PostgreSQL into values of JavaScript. */
import { TypeOverrides } from 'pg';

const int8 = 20;

/** Like `pg`, except that `int8` becomes a number: positions, times and `seq`s stay below 2^53. */
export function postgresTypes(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(int8, Number);
  return types;
}
