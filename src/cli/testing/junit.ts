import { askedBy } from "./form.ts";
import { missText, readLine, type Result } from "./judge.ts";
import { cameText } from "./matrix.ts";

export interface JunitOptions {
  /** The file that the tests stand in. */
  readonly suite: string;
  readonly showPrompts: boolean;
}

/** The results in JUnit's XML, which CI servers read. No prompt is in it unless that is asked for. */
export function junitXml(results: readonly Result[], { suite, showPrompts }: JunitOptions): string {
  const failures = results.filter(({ misses }) => misses.length > 0).length;
  const seconds = results.reduce((sum, { came }) => sum + came.micros, 0) / 1e6;
  const totals = attributes({ tests: results.length, failures, errors: 0, skipped: 0, time: seconds.toFixed(6) });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "signalbox" })}${totals}>`,
    `  <testsuite${attributes({ name: suite })}${totals}>`,
    ...results.map((result) => testCase(result, suite, showPrompts)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(result: Result, suite: string, showPrompts: boolean): string {
  const { test, came, misses } = result;
  const opening = attributes({ name: test.name, classname: suite, time: (came.micros / 1e6).toFixed(6) });
  const inside = [
    ...(misses.length > 0 ? [failureOf(result)] : []),
    ...(showPrompts ? [`      <system-out>${escaped(askedBy(test))}</system-out>`] : []),
  ];
  if (inside.length === 0) return `    <testcase${opening}/>`;
  return [`    <testcase${opening}>`, ...inside, "    </testcase>"].join("\n");
}

function failureOf({ test, came, misses }: Result): string {
  const message = misses.map(missText).join("; ");
  const text = [`line ${test.line}`, ...misses.map(missText), cameText(came), came.because, `read: ${readLine(came)}`];
  const opening = attributes({ message, type: misses[0]!.what });
  return `      <failure${opening}>${escaped(text.join("\n"))}</failure>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join("");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
/** Letters that XML 1.0 has no way to write; lone surrogates among them. */
const UNWRITABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

function escaped(text: string): string {
  return text.replaceAll(UNWRITABLE, "\u{FFFD}").replaceAll(/[&<>"]/gu, (letter) => ENTITIES[letter]!);
}
