/** By how much values grow in one unit of where they are: the line with the least squares. Undefined without two places. */
export function slopeOf(points: readonly (readonly [at: number, value: number])[]): number | undefined {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [middle, level] = [mean(([at]) => at), mean(([, value]) => value)];
  const width = points.reduce((sum, [at]) => sum + (at - middle) ** 2, 0);
  if (!(width > 0)) return undefined;
  return points.reduce((sum, [at, value]) => sum + (at - middle) * (value - level), 0) / width;
}
