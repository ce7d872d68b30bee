import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Channel, RouterEvent } from "../events.ts";
import { type Kind, type Labels, type Measure, MEASURES, OTHER, type Tell } from "./measures.ts";

/** What Prometheus reads. */
export interface Metrics {
  text(): Promise<string>;
  readonly contentType: string;
  /** What was counted so far, for a process that adds it to what others have counted. */
  snapshot(): Promise<MetricsSnapshot>;
  /** Stops counting; what was counted can still be read. */
  stop(): void;
}

/** Plain data: it goes from process to process. */
export type MetricsSnapshot = readonly object[];

export interface MetricsOptions {
  /** The models of the pool now. Other names come from clients and are counted as `other`. */
  readonly models?: () => ReadonlySet<string>;
}

const PREFIX = "signalbox_";
/** More values than this of one label are counted as `other`, whoever makes them up. */
const MOST_VALUES = 200;

export function createMetrics(channel: Channel, options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  // At its default of 10 ms the monitor of the event loop costs more than all else that an idle server does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const bounded = createBound(options.models);
  const readers = new Map<Kind, Array<(event: RouterEvent) => void>>();
  for (const measure of MEASURES) {
    const tell = tellerOf(measure, registry);
    const read = measure.read as (event: RouterEvent, tell: Tell) => void;
    const told: Tell = (labels, value) => {
      // A broken clock or usage must not poison a sum for good.
      if (Number.isFinite(value) && value >= 0) tell(measure.form === "info" ? labels : bounded(labels), value);
    };
    const list = readers.get(measure.on) ?? [];
    list.push((event) => read(event, told));
    readers.set(measure.on, list);
  }

  const stop = channel.subscribe((event) => {
    for (const read of readers.get(event.kind) ?? []) read(event);
  });
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    snapshot: () => registry.getMetricsAsJSON(),
    stop,
  };
}

/** The metrics of several processes as those of one: counts are added, of a state the worst is told. */
export function addMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}

/** Of the text that metrics have. */
export const METRICS_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

function tellerOf({ name, help, form, labels, buckets }: Measure, registry: Registry): Tell {
  const common = { name: PREFIX + name, help, labelNames: [...labels], registers: [registry] };
  if (form === "counter") {
    const metric = new Counter(common);
    return (labels, value) => metric.inc(labels, value);
  }
  if (form === "histogram") {
    const metric = new Histogram({ ...common, buckets: [...(buckets ?? [])] });
    return (labels, value) => metric.observe(labels, value);
  }
  const metric = new Gauge({ ...common, aggregator: "max" });
  return (labels, value) => {
    if (form === "info") metric.reset();
    metric.set(labels, value);
  };
}

/** Keeps the number of label values bounded: what is not known, or comes too late, is `other`. */
function createBound(models: MetricsOptions["models"]): (labels: Labels) => Record<string, string> {
  const seen = new Map<string, Set<string>>();
  return (labels) => {
    const bounded: Record<string, string> = {};
    for (const [label, given] of Object.entries(labels)) {
      const value = String(given);
      const values = seen.get(label) ?? new Set<string>();
      seen.set(label, values);
      const strange = label === "model" && models !== undefined && !models().has(value);
      if (strange || (!values.has(value) && values.size >= MOST_VALUES)) bounded[label] = OTHER;
      else bounded[label] = values.add(value) && value;
    }
    return bounded;
  };
}
