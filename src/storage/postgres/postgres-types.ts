/** How values of PostgreSQL become values of JavaScript. */
import { TypeOverrides } from 'pg';

const int8 = 20;

/** As `pg` does it, but `int8` becomes a number: positions, times and `seq`s stay below 2^53. */
export function postgresTypes(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(int8, Number);
  return types;
}
