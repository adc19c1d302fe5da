/** How the server answers: engine, tools and bounds, made of its config, and made anew when that changes. */
import type { FileStore } from '../actors/file-store.ts';
import type { AnsweringOptions, LiveSystemPorts } from '../actors/live-system.ts';
import type { Clock, Engine, Log, ProviderCatalog } from '../actors/ports.ts';
import type { ToolBox } from '../actors/tool-ports.ts';
import { type Chooser, permittedCatalog } from '../schema/client-choices.ts';
import type { CatalogProvider } from '../schema/provider-catalog.ts';
import { clientChoices } from './config/client-settings.ts';
import { isRehearsalOn } from './config/model-choice.ts';
import type { Config } from './config/settings.ts';
import { createChoosingEngine } from './engines/providers/choosing-engine.ts';
import { createRehearsalEngine } from './engines/rehearsal-engine.ts';
import { configuredToolBox } from './tools/configured-tool-box.ts';

export type AnsweringParts = {
  readonly files: FileStore;
  /** The tools to choose from, whatever the config says of them. */
  readonly toolBoxes: readonly ToolBox[];
  /** In place of what the config says. */
  readonly engine: Engine | undefined;
  readonly tools: ToolBox | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

export type Answering = {
  readonly ports: Pick<LiveSystemPorts, 'engine' | 'tools'>;
  readonly options: AnsweringOptions;
  readonly catalog: ProviderCatalog;
  /** The catalogue with what the principal may choose of it ([CHO1]). */
  readonly shownCatalog: (to: Chooser) => readonly CatalogProvider[];
};

export function answeringOf(config: Config, parts: AnsweringParts): Answering {
  const { files, clock, log } = parts;
  const { engine, catalog } = createChoosingEngine({
    providers: config.providers,
    rehearsal: isRehearsalOn(config)
      ? createRehearsalEngine({ clock, tokens: config.rehearsalTokens, delayMs: config.rehearsalDelayMs })
      : null,
    defaultModel: config.defaultModel,
    files,
    clock,
    log,
  });
  return {
    ports: {
      engine: parts.engine ?? engine,
      tools: parts.tools ?? configuredToolBox(parts.toolBoxes, config.tools),
    },
    options: {
      modelOptions: config.modelOptions,
      titleModel: config.titleModel,
      choices: clientChoices(config),
      modelSilenceMsMax: config.modelSilenceMsMax,
      modelMsMax: config.modelMsMax,
      turnBounds: {
        stepsMax: config.turnStepsMax,
        tokensMax: config.turnTokensMax,
        msMax: config.turnMsMax,
        claimMs: config.claimMsMax,
      },
    },
    catalog,
    shownCatalog: (to) => permittedCatalog(catalog.list(), config.clientModels ?? null, to),
  };
}
