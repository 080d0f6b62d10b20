/**
 * Axes: from a range of values to places on a chart and to the few round
 * numbers that are written beside it.
 *
 * @module
 */

/** An axis. */
export interface Scale {
  /** Where a value is, 0 to 1. */
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From 0 to a round number above `max`, in even steps. */
export function linearScale(max: number): Scale {
  const step = roundStep(Math.max(max, 1e-9) / 4);
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  const top = count * step;
  return {
    at: (value) => value / top,
    ticks: Array.from({ length: count + 1 }, (_, i) => clean(i * step)),
  };
}

/** From `min` to `max`, both above 0, a decade as long as any other. */
export function logScale(min: number, max: number): Scale {
  const low = Math.log10(min);
  const span = Math.max(Math.log10(max) - low, 1e-9);
  const marks = span > 2.5 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (
    let decade = Math.floor(low);
    decade <= Math.ceil(low + span);
    decade++
  ) {
    for (const mark of marks) {
      const tick = clean(mark * 10 ** decade);
      if (tick >= min * 0.999 && tick <= max * 1.001) ticks.push(tick);
    }
  }
  return {
    at: (value) => (Math.log10(Math.max(value, min)) - low) / span,
    ticks,
  };
}

/** 1, 2 or 5 times a power of ten, not below `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const mark = [1, 2, 5, 10].find((it) => it * power >= step * 0.999_999)!;
  return mark * power;
}

/** Without the dust of binary fractions. */
function clean(value: number): number {
  return Number(value.toPrecision(6));
}

/** A number for people: three digits, spaces between thousands. */
export function readable(value: number): string {
  if (value !== 0 && Math.abs(value) < 100) {
    return `${Number(value.toPrecision(3))}`;
  }
  return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
