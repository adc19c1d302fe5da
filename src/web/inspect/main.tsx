/** The inspector: watches the server's actors run, and replays stored sessions. */
import { render } from 'preact';
import { showLastTheme } from '../design/theme.ts';
import { App } from './app.tsx';
import { Inspector } from './inspector.ts';

showLastTheme();
const inspector = new Inspector(new URL('.', location.href).href.replace(/\/$/, ''));
inspector.start();
render(<App inspector={inspector} />, document.body);
