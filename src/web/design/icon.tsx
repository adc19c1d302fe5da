/** Icons, hidden from assistive technology: the element that contains one has an accessible name. */

const paths = {
  add: 'M12 5v14M5 12h14',
  again: 'M19 12a7 7 0 1 1-2.05-4.95L20 10M20 5v5h-5',
  archive: 'M4 8v11h16V8M3 4h18v4H3zM10 12h4',
  attach: 'M20 11.5l-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.7 17.2a1.6 1.6 0 0 1-2.3-2.3l7.6-7.6',
  back: 'M15 5l-7 7 7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  delete: 'M4 7h16M10 11v6M14 11v6M6 7l1 13h10l1-13M9 7V4h6v3',
  down: 'M6 9l6 6 6-6',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  edit: 'M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19z',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  first: 'M18 5l-8 7 8 7zM6 5v14',
  fit: 'M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5',
  fork: 'M7 4v16M7 15c0-4 10-2 10-7M17 8V4M14 6.5L17 3.5l3 3',
  forward: 'M9 5l7 7-7 7',
  inspect: 'M5 5h5v5H5zM14 14h5v5h-5zM10 7.5h4.5a2 2 0 0 1 2 2V14',
  last: 'M6 5l8 7-8 7zM18 5v14',
  less: 'M5 12h14',
  lock: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  menu: 'M4 7h16M4 12h16M4 17h16',
  palette:
    'M12 3a9 9 0 1 0 0 18c1.5 0 2-1 1.6-2.2-.5-1.5.5-2.8 2-2.8H18a3 3 0 0 0 3-3c0-5.5-4-10-9-10zM7.5 11h.01M11 7.5h.01M15.5 9h.01',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.5l12 7.5-12 7.5z',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20',
  send: 'M12 19V5M5.5 11.5L12 5l6.5 6.5',
  stop: 'M7 7h10v10H7z',
  tool: 'M4 5h16v14H4zM8 10l2.5 2L8 14M13 15h3',
  trace: 'M3 12h4l3-8 4 16 3-8h4',
  unarchive: 'M4 8v11h16V8M3 4h18v4H3zM12 16.5v-5.5M9.5 13.5l2.5-2.5 2.5 2.5',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
