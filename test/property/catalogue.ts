/** Every property that `npm run properties` offers, in the order of its list. */

import type { NamedProperty } from '../named-property.ts';
import { simulation } from '../simulation/property.ts';
import { clientFramesRoundTrip, previewBounds, serverFramesRoundTrip, strangeFrames } from './codec.ts';
import { history } from './history.ts';
import { machineCoverage } from './machine-coverage.ts';
import { openDoor } from './open-door.ts';
import { serverAgrees } from './server-agrees.ts';

export const catalogue: readonly NamedProperty[] = [
  simulation,
  history,
  machineCoverage,
  previewBounds,
  clientFramesRoundTrip,
  serverFramesRoundTrip,
  strangeFrames,
  serverAgrees,
  openDoor,
];
