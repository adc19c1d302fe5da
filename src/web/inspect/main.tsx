import { render } from 'preact';

render(<main>Callboard</main>, document.body);
