interface Station {
  readonly longitude: number;
  readonly latitude: number;
  readonly area: string;
}

type Position = readonly [longitude: number, latitude: number];

/** Side of a square of the grid, and how far from a station land is drawn, in metres. */
const cellM = 300;
const reachM = 1_300;
const metresPerDegree = 111_320;

/**
 * Draws land and the borders of areas from nothing but stations and the area each lies in: every
 * square of a grid belongs to the area of the nearest station within reach, edges between squares of
 * different areas are chained into lines and smoothed. It is a hint for the eye, not a survey.
 */
export function drawAreas(stations: readonly Station[]): {
  readonly land: readonly Position[][];
  readonly borders: readonly Position[][];
} {
  const south = Math.min(...stations.map(({ latitude }) => latitude)) - 0.03;
  const west = Math.min(...stations.map(({ longitude }) => longitude)) - 0.05;
  const latitudeStep = cellM / metresPerDegree;
  const longitudeStep = latitudeStep / Math.cos(((south + 0.2) * Math.PI) / 180);
  const reach = Math.ceil(reachM / cellM);
  const nearest = new Map<string, { readonly area: string; readonly distance: number }>();
  for (const { longitude, latitude, area } of stations) {
    const x = (longitude - west) / longitudeStep;
    const y = (latitude - south) / latitudeStep;
    for (let column = Math.floor(x) - reach; column <= x + reach; column += 1) {
      for (let row = Math.floor(y) - reach; row <= y + reach; row += 1) {
        const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        const key = `${column},${row}`;
        if (distance * cellM <= reachM && distance < (nearest.get(key)?.distance ?? Infinity))
          nearest.set(key, { area, distance });
      }
    }
  }
  const areaAt = (column: number, row: number) => nearest.get(`${column},${row}`)?.area;
  const place = ([column, row]: readonly [number, number]): Position => [
    round(west + column * longitudeStep),
    round(south + row * latitudeStep),
  ];

  const borders: Edge[] = [];
  const coast: Edge[] = [];
  for (const key of nearest.keys()) {
    const [column, row] = key.split(',').map(Number) as [number, number];
    const own = areaAt(column, row);
    const sides: readonly [number, number, Edge][] = [
      [
        column,
        row - 1,
        [
          [column, row],
          [column + 1, row],
        ],
      ],
      [
        column + 1,
        row,
        [
          [column + 1, row],
          [column + 1, row + 1],
        ],
      ],
      [
        column,
        row + 1,
        [
          [column + 1, row + 1],
          [column, row + 1],
        ],
      ],
      [
        column - 1,
        row,
        [
          [column, row + 1],
          [column, row],
        ],
      ],
    ];
    for (const [besideColumn, besideRow, edge] of sides) {
      const beside = areaAt(besideColumn, besideRow);
      if (beside === undefined) coast.push(edge);
      else if (beside > (own as string)) borders.push(edge);
    }
  }
  return {
    land: rings(coast)
      .filter((ring) => ring.length > 24)
      .map((line) => smooth(line, true).map(place)),
    borders: chain(borders).map((line) => smooth(line, false).map(place)),
  };
}

type Vertex = readonly [column: number, row: number];
type Edge = readonly [Vertex, Vertex];

/** Joins the edges around areas, which all run the same way round, into closed rings. */
function rings(edges: readonly Edge[]): Vertex[][] {
  const name = ([column, row]: Vertex) => `${column},${row}`;
  const from = Map.groupBy(edges, ([start]) => name(start));
  const traced: Vertex[][] = [];
  for (const departures of from.values()) {
    for (let edge = departures.pop(); edge !== undefined; edge = departures.pop()) {
      const ring: Vertex[] = [edge[0]];
      for (let next: Edge | undefined = edge; next !== undefined; next = from.get(name(next[1]))?.pop())
        ring.push(next[1]);
      traced.push(ring);
    }
  }
  return traced;
}

/** Joins edges into lines that end where three or more meet, and into rings where none do. */
function chain(edges: readonly Edge[]): Vertex[][] {
  const name = ([column, row]: Vertex) => `${column},${row}`;
  const at = new Map<string, Edge[]>();
  for (const edge of edges)
    for (const vertex of edge) at.set(name(vertex), [...(at.get(name(vertex)) ?? []), edge]);
  const left = new Set(edges);
  const walk = (start: Vertex, first: Edge): Vertex[] => {
    const line = [start];
    let edge: Edge | undefined = first;
    while (edge !== undefined) {
      left.delete(edge);
      const here = line.at(-1) as Vertex;
      const next: Vertex = name(edge[0]) === name(here) ? edge[1] : edge[0];
      line.push(next);
      const onward: readonly Edge[] = at.get(name(next)) ?? [];
      edge = onward.length === 2 ? onward.find((candidate) => left.has(candidate)) : undefined;
    }
    return line;
  };
  const lines: Vertex[][] = [];
  for (const here of at.values()) {
    if (here.length === 2) continue;
    for (const edge of here) {
      if (!left.has(edge)) continue;
      const shared = edge.find((vertex) => at.get(name(vertex)) === here) as Vertex;
      lines.push(walk(shared, edge));
    }
  }
  for (const edge of edges) if (left.has(edge)) lines.push(walk(edge[0], edge));
  return lines;
}

/** Takes the steps out of a line of grid edges: middles of edges, fewer of them, rounded corners. */
function smooth(line: readonly Vertex[], isRing: boolean): Vertex[] {
  const middles = line.slice(1).map((to, index): Vertex => {
    const from = line[index] as Vertex;
    return [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  });
  const first = line[0] as Vertex;
  const last = line.at(-1) as Vertex;
  if (!isRing) return roundCorners(thin([first, ...middles, last], 0.55), false);
  // A ring has no ends to hold on to: it is thinned in two halves.
  const half = middles.length >> 1;
  const there = thin(middles.slice(0, half + 1), 0.55);
  const back = thin([...middles.slice(half), middles[0] as Vertex], 0.55);
  return roundCorners([...there.slice(0, -1), ...back], true);
}

/** Douglas and Peucker: leaves out what lies closer than `tolerance` to the line without it. */
function thin(line: readonly Vertex[], tolerance: number): Vertex[] {
  if (line.length < 3) return [...line];
  const [from, to] = [line[0] as Vertex, line.at(-1) as Vertex];
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  let farthest = 0;
  let most = -1;
  for (let index = 1; index < line.length - 1; index += 1) {
    const [x, y] = line[index] as Vertex;
    const distance =
      length === 0
        ? Math.hypot(x - from[0], y - from[1])
        : Math.abs((to[0] - from[0]) * (from[1] - y) - (from[0] - x) * (to[1] - from[1])) / length;
    if (distance > most) [farthest, most] = [index, distance];
  }
  if (most <= tolerance) return [from, to];
  return [
    ...thin(line.slice(0, farthest + 1), tolerance).slice(0, -1),
    ...thin(line.slice(farthest), tolerance),
  ];
}

/** Chaikin: each corner gives way to two points on its legs. */
function roundCorners(line: readonly Vertex[], isRing: boolean): Vertex[] {
  if (line.length < 3) return [...line];
  const between = ([x1, y1]: Vertex, [x2, y2]: Vertex, share: number): Vertex => [
    x1 + (x2 - x1) * share,
    y1 + (y2 - y1) * share,
  ];
  const rounded = line.slice(1).flatMap((to, index): Vertex[] => {
    const from = line[index] as Vertex;
    return [between(from, to, 0.25), between(from, to, 0.75)];
  });
  return isRing
    ? [...rounded, rounded[0] as Vertex]
    : [line[0] as Vertex, ...rounded.slice(1, -1), line.at(-1) as Vertex];
}

const round = (degrees: number) => Math.round(degrees * 1e4) / 1e4;
