/** Every property that `npm run properties` offers, in the order of its list. */

import { simulation } from '../simulation/property.ts';
import { machineCoverage } from './machine-coverage.ts';
import type { NamedProperty } from './named-property.ts';

export const catalogue: readonly NamedProperty[] = [simulation, machineCoverage];
