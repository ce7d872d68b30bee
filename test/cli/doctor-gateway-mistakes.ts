import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../src/cli/gateway/finding.ts";
import { checkGateway, type Gateway } from "../../src/cli/gateway/index.ts";
import { config } from "../rig/house.ts";

/** Two files that fit, and what comes of them once something is wrong with one. */
export interface Pair {
  readonly gateway: Gateway;
  /** The gateway's own file. */
  readonly file: string;
  /** Signalbox's config. */
  readonly ours: string;
}

export interface Mistake {
  readonly name: string;
  /** A text of the gateway's file that stands there once at least, and what is there instead, all over the file. */
  readonly file?: readonly (readonly [from: string, to: string])[];
  /** The same for Signalbox's config. */
  readonly ours?: readonly (readonly [from: string, to: string])[];
  /** `verdict text-of-its-line ... message -> advice`: all complaints, in order. `^` begins a line of the file. */
  readonly told: readonly (readonly [verdict: "warning" | "wrong", line: string, message: RegExp])[];
}

function edited(text: string, edits: Mistake["file"] = []): string {
  let changed = text;
  for (const [from, to] of edits) {
    assert.ok(changed.includes(from), `the file holds ${from}`);
    changed = changed.replaceAll(from, to);
  }
  return changed;
}

/** What is not all right. */
export function complaints({ gateway, file, ours }: Pair): Finding[] {
  return checkGateway(gateway, file, "file.yaml", config(ours).config).filter(({ verdict }) => verdict !== "ok");
}

/** A test for each mistake: it is told once, at its line, with what to do, and nothing else is. */
export function testMistakes(pair: Pair, mistakes: readonly Mistake[]): void {
  for (const { name, file, ours, told } of mistakes) {
    test(name, () => {
      const text = edited(pair.file, file);
      const found = complaints({ ...pair, file: text, ours: edited(pair.ours, ours) });
      const lines = text.split("\n");
      assert.equal(found.length, told.length, JSON.stringify(found, null, 1));
      for (const [index, [verdict, line, message]] of told.entries()) {
        const finding = found[index]!;
        assert.equal(finding.verdict, verdict, finding.message);
        assert.match(finding.message, message);
        assert.ok(finding.advice, "it says what to do");
        assert.ok(finding.message.startsWith(`file.yaml:${finding.line}: `), finding.message);
        assert.ok(lines[finding.line! - 1]!.includes(line), `line ${finding.line}: ${lines[finding.line! - 1]}`);
      }
    });
  }
}
