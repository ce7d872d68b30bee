/** What an encoder asks for, as events name it. */
export type EncoderTask = "refine" | "encode" | "scan" | "compare";

/** What the encoder tells of itself: counts and times, never text. */
export type EncoderEvent =
  /** A worker thread ended without being asked to; `texts` it had are read again. */
  | { readonly kind: "worker_died"; readonly texts: number }
  /** Another thread took its place. */
  | { readonly kind: "worker_replaced" }
  /** A text was turned away, since too many wait, or not read in time. */
  | { readonly kind: "unread"; readonly task: EncoderTask; readonly fault: "overloaded" | "deadline" }
  /** One batch was read; `waitedMs` is how long its oldest text waited. */
  | {
      readonly kind: "batch";
      readonly texts: number;
      readonly tokens: number;
      readonly ms: number;
      readonly waitedMs: number;
    };
