import type { Prediction, Suspect } from "./encoder.ts";
import { TOGETHER } from "./layers.ts";
import type { Manifest } from "./manifest.ts";
import { createNet, type Net } from "./net.ts";
import type { Tensors } from "./safetensors.ts";
import { shapeOf } from "./shape.ts";
import type { ScanReading, StaticReading, StaticStage } from "./stage.ts";
import { suspicionOf } from "./suspects.ts";

/** Tokens from the beginning of a text that tell what it means: as many as in training. */
const MOST_TOKENS = 256;

/**
 * The static stage: vectors of tokens and of pairs of neighbours, summed; one hidden layer; a linear head a task.
 * models/train/static.py has the same arithmetic and says how the numbers came about. Plain and synchronous: some
 * 0.03 ms for a text of 64 tokens.
 */
export function createStatic(tensors: Tensors, manifest: Manifest): StaticStage {
  const { tokens: window, overlap } = manifest.static.window;
  const net = createNet(tensors, manifest, Math.max(MOST_TOKENS, window));
  const names = Object.keys(manifest.heads);
  const suspectFrom = manifest.heads["safety"]?.full?.from ?? Infinity;

  return {
    encode(ids, text): StaticReading {
      net.put(0, ids, 0, Math.min(ids.length, MOST_TOKENS), shapeOf(text));
      net.run(1);
      const heads: Record<string, Prediction> = {};
      for (const name of names) heads[name] = net.read(name, 1)![0]!;
      return withVector(net, { features: net.features(0), heads });
    },
    scan(ids, starts, ends, text, wants): ScanReading {
      const worst: Record<string, number> = {};
      const suspects: Suspect[] = [];
      const windows = wants.safety && names.includes("safety") ? windowsOf(ids.length, window, window - overlap) : [];
      for (let first = 0; first < windows.length; first += TOGETHER) {
        const together = windows.slice(first, first + TOGETHER);
        for (const [place, from] of together.entries()) {
          const to = Math.min(ids.length, from + window);
          net.put(place, ids, from, to, shapeOf(text, starts[from], ends[to - 1]));
        }
        net.run(together.length);
        for (const [place, { probabilities }] of net.read("safety", together.length)!.entries()) {
          for (const [label, probability] of Object.entries(probabilities)) {
            if (label !== "benign") worst[label] = Math.max(worst[label] ?? 0, probability);
          }
          const suspicion = suspicionOf(probabilities);
          if (suspicion < suspectFrom) continue;
          const from = together[place]!;
          const to = Math.min(ids.length, from + window);
          suspects.push({ start: starts[from]!, end: ends[to - 1]!, suspicion, probabilities });
        }
      }
      return { safety: worst, suspects, entities: [] };
    },
  };
}

/** Most requests ask for heads alone, so the vector is computed when it is first looked at. */
function withVector(net: Net, reading: Omit<StaticReading, "vector">): StaticReading {
  const sums = net.sums();
  let vector: Float32Array | undefined;
  return {
    ...reading,
    get vector() {
      return (vector ??= net.vectorOf(sums));
    },
  };
}

/** Where windows begin; the last one ends with the text. */
function windowsOf(count: number, size: number, step: number): number[] {
  if (count === 0) return [];
  const starts: number[] = [];
  for (let at = 0; at < count - size; at += step) starts.push(at);
  return [...starts, Math.max(0, count - size)];
}
