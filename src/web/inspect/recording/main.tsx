/** Starts the inspector in the file of a recording, where there is no server. */
import '../what-if/without-eval.ts';
import { render } from 'preact';
import { recordingParts } from '../../../../schema/session-recording.ts';
import { showLastTheme } from '../../design/theme.ts';
import { Inspector } from '../inspector.ts';
import { App } from '../views/app.tsx';
import { fileSource, partText } from './file-source.ts';
import { jsonOrNull } from './recorded-journal.ts';

showLastTheme();
const source = fileSource(document);
if (source === null) {
  render(<p class="hint">This file is damaged: which session it holds cannot be read.</p>, document.body);
} else {
  const worker = new Blob([String(jsonOrNull(partText(document, recordingParts.worker) ?? ''))], {
    type: 'text/javascript',
  });
  // Charts are laid out by the worker of the page, wherever its code is.
  document.documentElement.dataset['worker'] = URL.createObjectURL(worker);
  const inspector = new Inspector(source);
  inspector.start();
  render(<App inspector={inspector} />, document.body);
}
