/** Starts the inspector, which shows the server's actors as they run and replays stored sessions. */
import { render } from 'preact';
import { showLastTheme } from '../design/theme.ts';
import { serverSource } from './inspect-source.ts';
import { Inspector } from './inspector.ts';
import { App } from './views/app.tsx';

showLastTheme();
const inspector = new Inspector(serverSource(new URL('.', location.href).href.replace(/\/$/, '')));
inspector.start();
render(<App inspector={inspector} />, document.body);
