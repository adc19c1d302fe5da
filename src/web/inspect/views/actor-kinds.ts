/** The kinds of actors, without the schema's validator. */
import type { ActorKind } from '../../../../schema/actor-view.ts';
import { kindWords } from './state-words.ts';

export type { ActorKind };

export const actorKindList = Object.keys(kindWords) as readonly ActorKind[];
