/** Colours that are told apart on white and on black, also by those who see no red and green. */
export const COLORS = {
  ours: '#0a7ea4',
  other: '#8a8f98',
  bad: '#c2571a',
  grid: '#d9dce1',
  mark: '#57606a',
} as const;

const WIDTH = 760;

/** A picture of `height` units with a title; the ground is white, so that it can be read anywhere. */
export function picture(title: string, height: number, parts: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${text(16, 26, title, { size: 15, weight: 600 })}
${parts.join('\n')}
</svg>
`;
}

export function text(
  x: number,
  y: number,
  words: string,
  style: {
    readonly size?: number;
    readonly weight?: number;
    readonly anchor?: 'start' | 'middle' | 'end';
    readonly color?: string;
    /** Keeps what is behind it away from the letters. */
    readonly halo?: boolean;
  } = {},
): string {
  const { size = 13, weight = 400, anchor = 'start', color = '#1f2328', halo = false } = style;
  const around = halo ? ' stroke="#ffffff" stroke-width="4" paint-order="stroke"' : '';
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${color}"${around}>${escaped(words)}</text>`;
}

export function rectangle(
  x: number,
  y: number,
  width: number,
  height: number,
  color: string,
): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${color}"/>`;
}

export function line(
  points: readonly (readonly [x: number, y: number])[],
  color: string,
  width: number,
): string {
  const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="${width}"/>`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
