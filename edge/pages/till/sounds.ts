/// <reference lib="dom" />
/**
 * A sound for each kind of result, made by the browser itself. Sound is never
 * the only sign: colour, picture and word say the same.
 *
 * @module
 */

import type { Headline } from "./verdict.ts";

/** A tone: its frequency in Hz, and when it begins and ends, in seconds. */
type Tone = readonly [hz: number, from: number, to: number];

const YES: readonly Tone[] = [[880, 0, 0.12], [1320, 0.13, 0.4]];
const NO: readonly Tone[] = [[220, 0, 0.25], [165, 0.3, 0.7]];
const LOOK: readonly Tone[] = [
  [587, 0, 0.1],
  [587, 0.18, 0.28],
  [587, 0.36, 0.46],
];

/** The tones of a result; a payment under way is silent until it ends. */
export function tonesOf(headline: Headline): readonly Tone[] {
  switch (headline) {
    case "paid":
      return YES;
    case "waiting":
    case "reversing":
      return [];
    case "notPaid":
    case "tillProblem":
      return NO;
    default:
      return LOOK;
  }
}

let context: AudioContext | undefined;

/** Plays tones; a browser that allows no sound stays silent. */
export function play(tones: readonly Tone[]): void {
  if (tones.length === 0) return;
  context ??= new AudioContext();
  context.resume().catch(() => {});
  const start = context.currentTime + 0.02;
  for (const [hz, from, to] of tones) {
    const tone = new OscillatorNode(context, {
      frequency: hz,
      type: hz < 300 ? "square" : "sine",
    });
    const volume = new GainNode(context, { gain: 0 });
    tone.connect(volume).connect(context.destination);
    // The volume rises and falls gradually, because a tone would click otherwise.
    volume.gain.setValueAtTime(0, start + from);
    volume.gain.linearRampToValueAtTime(0.3, start + from + 0.01);
    volume.gain.setValueAtTime(0.3, start + to - 0.03);
    volume.gain.linearRampToValueAtTime(0, start + to);
    tone.start(start + from);
    tone.stop(start + to);
  }
}
