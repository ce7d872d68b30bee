import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, printable, widthOf, wrapped } from "../../src/cli/screen.ts";
import { table } from "../../src/cli/table.ts";
import { screenOf } from "../../src/cli/terminal.ts";

const screen = { width: 30, colours: false, unicode: true };

test("East Asian letters and emoji take two columns, marks none, colours none", () => {
  assert.deepEqual(["abc", "退款", "e\u0301", "🙂", "\u001b[31mred\u001b[39m"].map(widthOf), [3, 4, 1, 2, 3]);
});

test("what somebody else wrote cannot command the terminal", () => {
  assert.equal(printable("a\u001b[2Jb\r\nc\u202ed"), "a [2Jb c d");
});

test("text is cut by columns and says so", () => {
  assert.equal(cut(screen, "abcdef", 6), "abcdef");
  assert.equal(cut(screen, "abcdefg", 6), "abcde…");
  assert.equal(cut({ ...screen, unicode: false }, "abcdefg", 6), "abc...");
  assert.equal(cut(screen, "退款退款", 6), "退款…");
});

test("lines break at spaces, and a long word stands alone", () => {
  assert.deepEqual(wrapped("one two three fourteenletters x", 8), ["one two", "three", "fourteenletters", "x"]);
  assert.deepEqual(wrapped("", 8), []);
});

test("the flexible column of a table gives way to the screen", () => {
  const columns = [{ head: "name" }, { head: "label", flexible: true }, { head: "n", align: "right" }] as const;
  assert.deepEqual(table(screen, columns, [["keyword", "a label that is far too long", "12"]]), [
    "name     label               n",
    "keyword  a label that is …  12",
  ]);
});

test("colours need a terminal that wants them, letters a locale that has them", () => {
  const at = (env: Record<string, string>, isTTY = true) => screenOf({ isTTY, columns: 100 }, env, "linux");
  assert.deepEqual(at({ LANG: "de_DE.UTF-8" }), { width: 100, colours: true, unicode: true });
  assert.deepEqual(at({ LANG: "C", NO_COLOR: "1" }), { width: 100, colours: false, unicode: false });
  assert.equal(at({ LANG: "en_US.UTF-8", LC_ALL: "POSIX" }).unicode, false);
  assert.equal(at({ TERM: "dumb" }).colours, false);
  assert.equal(at({}, false).colours, false);
  assert.equal(screenOf({}, {}, "linux").width, 80);
  assert.equal(screenOf({ columns: 0 }, {}, "linux").width, 80);
  assert.equal(screenOf({ columns: 3 }, {}, "linux").width, 40);
});
