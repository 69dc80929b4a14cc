const paths = {
  map: 'M9 4 3 6.5v13L9 17l6 2.5 6-2.5V4l-6 2.5L9 4Zm0 0v13m6-10.5v13',
  bolt: 'M13 2.5 5 13.5h6l-1.5 8 9-12h-6.2L13 2.5Z',
  receipt: 'M6 3v18l2.5-1.6L11 21l2.5-1.6L16 21l2-1.3V3H6Zm3.5 5h5m-5 4h5',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8.5a7.5 7.5 0 0 1 15 0',
  building: 'M4 21V5l8-2v18M12 9l8 2v10M2.5 21h19M7.5 8.5h1m-1 4h1m-1 4h1m7-2h1m-1 3h1',
  search: 'm20 20-4.3-4.3M17.5 10.7a6.8 6.8 0 1 1-13.6 0 6.8 6.8 0 0 1 13.6 0Z',
  locate:
    'M12 2.5v3m0 13v3M2.5 12h3m13 0h3M12 17.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11Zm0-4a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z',
  back: 'm14.5 5-7 7 7 7',
  close: 'm6 6 12 12M18 6 6 18',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  warning: 'M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 2.8v.2',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-10v6m0-9.2V8',
  download: 'M12 4v11m0 0-4.5-4.5M12 15l4.5-4.5M4.5 20h15',
  plug: 'M9 3v5m6-5v5M6 8h12v3.5a6 6 0 0 1-12 0V8Zm6 9.5V21',
  shield: 'M12 3 4.5 6v5.5c0 4.6 3.1 7.9 7.5 9.5 4.4-1.6 7.5-4.9 7.5-9.5V6L12 3Zm-3.5 9 2.5 2.5 4.5-4.5',
  offline:
    'M3 3l18 18M5 11.5a10.5 10.5 0 0 1 3.6-2.3M2 8.2a15 15 0 0 1 3-2M22 8.2A15 15 0 0 0 10.6 4.6M19 11.5a10 10 0 0 0-3.4-2.2M8.5 15a5 5 0 0 1 5.3-1.2M12 19v.1',
  stop: 'M7 7h10v10H7z',
  truck: 'M4 8.5 12 4l8 4.5v8L12 21l-8-4.5v-8Zm0 0 8 4.5m0 0 8-4.5M12 13v8',
  left: 'm14.5 5-7 7 7 7',
  right: 'm9.5 5 7 7-7 7',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5.2l3.3 2',
} as const;

export type IconName = keyof typeof paths;

/** A drawing of 24 by 24; it only repeats what the text beside it says, so readers skip it. */
export function Icon({ name, size = 24 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
