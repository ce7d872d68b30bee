"""What real text comes wrapped in: mails, pages, search results, tables, tickets, logs, code, chats, records of tools.

A shell takes a Draft and puts the Draft's order, if it has one, where such a document can hold it.
"""

from __future__ import annotations

import json
import random
from typing import Callable, NamedTuple

from generate.document_texts import Material
from generate.grammar import Grammar
from generate.safety_texts import CODE_LINES, LOG_LINES

Lines = list[str]


class Draft(NamedTuple):
    """A document in the making. `order` is marked text or empty; a `shy` order never stands alone at either end."""

    g: Grammar
    material: Material
    order: str
    shy: bool

    @property
    def rng(self) -> random.Random:
        return self.g.rng

    def put(self, lines: Lines, glued: bool = True) -> Lines:
        """The order between the lines or glued to one of them: half of the time at the end."""
        if not self.order or not lines:
            return [*lines, self.order] if self.order else lines
        rng = self.rng
        way = rng.random()
        at = len(lines) if way < 0.5 else 0 if way < 0.65 else rng.randint(0, len(lines))
        edge = at in (0, len(lines))
        if glued and (rng.random() < 0.4 or self.shy and edge):
            if at == 0:
                return [f"{self.order} {lines[0]}", *lines[1:]]
            return [*lines[: at - 1], f"{lines[at - 1]} {self.order}", *lines[at:]]
        return [*lines[:at], self.order, *lines[at:]]

    def prose(self, low: int = 2, high: int = 8) -> Lines:
        """Sentences or paragraphs of one real source."""
        way = self.rng.random()
        if way < 0.5:
            return self.material.sentences(self.rng, low, high)
        if way < 0.74:
            return self.material.several("paragraph", self.rng, 1, max(1, high // 4))
        if way < 0.92:
            return self.material.several("news", self.rng, low, max(low, high // 2))
        return self.material.several("small", self.rng, low, high + 2)

    def letter(self) -> Lines:
        """Lines of a mail: what people write to companies, to one another, or about a subject."""
        way = self.rng.random()
        if way < 0.35:
            return self.material.several("ticket", self.rng, 1, 3)
        if way < 0.55:
            return [*self.material.several("form", self.rng, 1, 2), *self.material.several("turn", self.rng, 0, 2)]
        if way < 0.75:
            return self.notice()
        return [*self.prose(1, 5), *([self.g.say("{human}")] if way > 0.9 else [])]

    def notice(self) -> Lines:
        """A notice about money or an order."""
        return [self.g.say(line) for line in self.rng.sample(NOTICES, self.rng.randint(1, 4))]

    def subject(self) -> str:
        return self.g.say(self.rng.choice(["{Topic}", "{Topic} in {town}", "{company} and {topic}", "Your {company} [order|invoice|account]", "[Re|Fwd|RE|AW]: {topic}", "{weekday}'s [meeting|call|delivery]", "[Payment|Order|Ticket] {n3} [received|confirmed|declined|open]"]))


NOTICES = [
    "A payment of [$|€|£]{n3}.{n2} [was made|is due|failed] [to|for] {company} on {month} {day}.", "Your [order|invoice|booking] no. {n3}{n2} [has shipped|is ready|was cancelled|was received] on {weekday}.", "[Balance|Amount due|Total]: [USD|EUR|$]{n3}.{n2}", "Card ending in {n3}, [approved|declined|pending] at {company} in {town}.",
    "The [transfer|deposit|refund] of [$|€]{n3} from {first} {last} will [arrive|be booked] within {n1} working days.", "Transaction ID: {n3}-{n3}-{n2}", "Expected delivery: {weekday}, {month} {day}, to {town}.", "You are subscribed to the {company} plan at [$|€]{n1}.99 a month.", "Flight {n3} to {town} leaves at {n1}:{n2} from gate {n1}.",
    "If you did not [make|place] this [payment|order], contact us.", "Questions? Our team in {town} answers on working days from 9 to 5.", "Your statement for {month} is available in your account.", "Your plan renews on {month} {day}.", "Tracking number {n3}{n3}.", "We have received your request about {topic} and opened ticket {n3}.", "Your points: {n3}. They expire in {month}.",
]
FOOTERS = ["{company}, {n3} [Main Street|Park Road|Harbour Lane], {town}", "You get this mail because you have an account with {company}. [Unsubscribe|Manage preferences] at any time.", "Sent from my [phone|tablet]", "{first} {last} | {job} | {company} | +1 555 {n3}", "This message is confidential and meant for the named recipient.", "Copyright {company}. All rights reserved.", "--\n{first} {last}\n{company}, {town}"]


def mail(d: Draft) -> str:
    g, rng = d.g, d.rng
    sender, to = g.say("[{mail}|{first} {last} <{mail}>|{company} <{mail}>]"), g.say("[{mail}|{first} {last}|undisclosed recipients|team]")
    body = d.put(d.letter())
    greeted = rng.random() < 0.6
    if greeted:
        body = [g.say("[Hi|Dear|Hello|Good morning|Hey] [{first}|customer|all|team|Mr {last}|Ms {last}],"), *body]
    if rng.random() < 0.6:
        body.append(g.say("[Best|Kind regards|Cheers|Yours|Thanks|Sincerely|Thank you],[\n| ][{first}|{first} {last}|The {company} team]"))
    if rng.random() < 0.35:
        body.append(g.expand(rng.choice(FOOTERS)))
    text = rng.choice(["\n", "\n", " ", "\n\n"]).join(body)
    subject = d.subject()
    way = rng.randrange(6)
    if way == 0:
        return f"SUBJECT: {subject} | FROM: {sender} | DATE: {g.say('{month} {day}')} | BODY: {text}"
    if way == 1:
        return f"From: {sender}\nTo: {to}\nDate: {g.say('{weekday}, {day} {month} 2024 0{n1}:{n2}')}\nSubject: {subject}\nContent-Type: text/plain\n\n{text}"
    if way == 2:
        quoted = "\n".join("> " + line for line in d.material.several("ticket", rng, 1, 2))
        return f"{text}\n\nOn {g.say('{weekday}, {first} {last}')} wrote:\n{quoted}"
    if way == 3:
        return f"Subject: {subject}\n\n{text}"
    return f"{subject}\n{text}" if way == 4 else text


def page(d: Draft) -> str:
    rng, lines = d.rng, d.put(d.prose(2, 6))
    tag = rng.choice(["p", "p", "li", "div", "td"])
    body = "\n".join(line if line == d.order and "<" in line else f"<{tag}>{line}</{tag}>" for line in lines)
    head = d.subject()
    return rng.choice([f"<html><head><title>{head}</title></head><body>\n<h1>{head}</h1>\n{body}\n</body></html>", f"<article><h2>{head}</h2>{body}</article>", f"<!doctype html>\n<body>{body}<footer>{d.g.say('{company}')}</footer></body>", f"{head}\nHome | News | Contact\n" + "\n".join(lines)])


def results(d: Draft) -> str:
    rng, count = d.rng, d.rng.randint(2, 5)
    hits = [" ".join(d.prose(1, 3)) for _ in range(count)]
    at = rng.randrange(count)
    hits[at] = " ".join(d.put([hits[at]], glued=False)) if d.order else hits[at]
    form = rng.choice(["[{i}] {t}\n{u}\n{h}", "{i}. {t} - {h}", "Title: {t}\nURL: {u}\nSnippet: {h}", "[doc {i}] {h}", "Source {i}: {h}", "<result url=\"{u}\">{h}</result>", "* {t} ({u}): {h}", "Passage {i} | {h}"])
    out = [form.replace("{i}", str(i)).replace("{t}", d.subject()).replace("{u}", d.g.say("{link}")).replace("{h}", hit) for i, hit in enumerate(hits, 1)]
    return rng.choice(["", "", "Search results:\n", "Retrieved passages:\n", "WebSearch results\n\n"]) + rng.choice(["\n", "\n\n"]).join(out)


def record(d: Draft) -> str:
    """What a tool answered, as JSON."""
    rng = d.rng
    items = [{rng.choice(["title", "name", "subject"]): d.subject(), "id": rng.randint(1, 9999), rng.choice(["text", "content", "body", "snippet", "comment"]): " ".join(d.prose(1, 3))} for _ in range(rng.randint(1, 3))]
    key = list(items[-1])[2]
    items[-1][key] = " ".join(d.put([str(items[-1][key])], glued=False))
    body = json.dumps({rng.choice(["results", "data", "items", "documents"]): items, "status": "ok"}, ensure_ascii=False, indent=rng.choice([None, None, 2]))
    return rng.choice(["", "", "Tool output: ", "Observation: ", "Function result:\n"]) + body


def table(d: Draft) -> str:
    rng, g = d.rng, d.g
    glue = rng.choice([" | ", " | ", ",", "\t", ";", "|"])
    heads, maker = rng.choice(TABLES)
    rows = [glue.join(g.say(cell).replace(glue.strip() or "\t", " ") for cell in maker) for _ in range(rng.randint(2, 9))]
    marked = glue == " | " and rng.random() < 0.5
    lines = [glue.join(heads), *([glue.join("---" for _ in heads)] if marked else []), *rows]
    if rng.random() < 0.15:
        cells = "".join("<tr>" + "".join(f"<td>{cell.strip()}</td>" for cell in line.split(glue)) + "</tr>" for line in lines)
        return f"<table>{cells}</table> {d.order}".rstrip()
    body = d.put(rows, glued=False)
    if marked:
        body = [line if line == d.order else f"| {line} |" for line in body]
        lines = [f"| {line} |" for line in lines]
    head = lines[: len(lines) - len(rows)]
    return "\n".join([*(d.prose(0, 2) if rng.random() < 0.3 else []), *head, *body])


TABLES: list[tuple[list[str], list[str]]] = [
    (["Year", "Revenue", "Cost", "Net income"], ["20[0|1|2]{n1}", "{n3},{n3}", "{n3}", "({n2})"]), (["Name", "City", "Job", "Age"], ["{first} {last}", "{town}", "{job}", "{n2}"]), (["Rank", "Team", "Points", "Goals", "Season"], ["{n1}", "{town} [United|City|Rovers|SC]", "{n2}", "{n2}:{n2}", "201{n1}"]),
    (["item", "quarter", "units", "price"], ["{product}", "Q[1|2|3|4]", "{n3}", "{n1}.{n2}"]), (["Date", "Venue", "Opponent", "Result", "Attendance"], ["{n1} {month} 199{n1}", "{town}", "{town} FC", "{n1}-{n1}", "{n3}{n1}"]), (["id", "customer", "comment", "rating"], ["{n3}", "{first}", "[fine|late delivery|very good {product}|too small|would buy again]", "{n1}"]),
    (["Film", "Director", "Year", "Award"], ["The {Topic}", "{first} {last}", "19{n2}", "[won|nominated|-]"]), (["(in thousands)", "2019", "2018", "change"], ["[Goodwill|Cash|Inventory|Net sales|Other income|Deferred tax|Total assets|Interest]", "${n3}", "${n3}", "{n2}%"]), (["Station", "Opened", "Line", "Passengers"], ["{town} [Central|North|Park]", "19{n2}", "{n1}", "{n3},{n3}"]),
]


def chat(d: Draft) -> str:
    rng, g = d.rng, d.g
    a, b = rng.choice([("User", "Agent"), ("Customer", "Support"), (g.say("{first:1}"), g.say("{first:2}")), ("me", g.say("{last}")), ("<dana>", "<rob>")])
    turns = d.material.several(rng.choice(["turn", "turn", "ticket", "small"]), rng, 3, 9)
    stamp = rng.random() < 0.3
    lines = [(f"[{g.say('1{n1}:{n2}')}] " if stamp else "") + f"{a if i % 2 == 0 else b}: {turn}" for i, turn in enumerate(turns)]
    return "\n".join(d.put(lines))


def ticket(d: Draft) -> str:
    g = d.g
    lines = d.put([*d.material.several(d.rng.choice(["ticket", "form"]), d.rng, 1, 3), *d.notice()[:1]])
    return g.say("[Ticket|Case|Issue|Complaint|Review] #{n3}[\n| - ][Status: open|Priority: high|{weekday}|Stars: {n1}/5|Reported by {first}]") + "\n" + d.rng.choice(["\n", " "]).join(lines)


def source(d: Draft) -> str:
    """A file of code."""
    rng = d.rng
    lines = d.material.one("code", rng).split("\n") if rng.random() < 0.6 else [d.g.expand(rng.choice(CODE_LINES)) for _ in range(rng.randint(4, 12))]
    mark = rng.choice(["# {}", "// {}", "/* {} */", '"""{}"""', "{}", "-- {}"])
    order = d.order and (d.order if "\n" in d.order else mark.replace("{}", d.order))
    text = "\n".join(d._replace(order=order).put(lines, glued=False))
    return text if rng.random() < 0.6 else f"```\n{text}\n```"


ERRORS = ["Traceback (most recent call last):\n  File \"[main|app|run].py\", line {n2}, in <module>\n[ValueError: invalid literal for int() with base 10: '{first}'|KeyError: '{town}'|TypeError: 'NoneType' object is not iterable|ModuleNotFoundError: No module named '{brandslug}']", "Uncaught TypeError: Cannot read properties of undefined (reading '{brandslug}') at index.js:{n2}", "error: expected ';' before '~>' token\nmake: *** ~(all~) Error {n1}", "java.lang.NullPointerException\n\tat com.{brandslug}.Main.run(Main.java:{n3})", "npm ERR! code ELIFECYCLE\nnpm ERR! errno {n1}", "psycopg2.errors.UndefinedTable: relation \"users\" does not exist"]
HELP = ["I get this error when I run the script[ on my laptop|], what am I missing?", "[How|Why] does this [fail|not work|return None]?", "I am new to [Python|Java|JavaScript|C++] and [tried|copied] the code below.", "It worked [yesterday|on version {n1}.{n2}|before the update].", "[Any help|Thanks for any hint]!", "Expected: {n2}. Actual: {n3}.", "You have to [check for null|install the package first|use a try block|cast the value].", "Answer ({n1} votes): [update|restart|reinstall] [the package|the kernel|the driver] and it works."]


def question_and_code(d: Draft) -> str:
    """A post on a forum for programmers: words, code, an error, an answer."""
    rng, g = d.rng, d.g
    code = d.material.one("code", rng) if rng.random() < 0.5 else "\n".join(g.expand(rng.choice(CODE_LINES)) for _ in range(rng.randint(3, 8)))
    parts = [g.say(rng.choice(HELP)), f"```\n{code}\n```" if rng.random() < 0.5 else code, g.expand(rng.choice(ERRORS)), *[g.say(line) for line in rng.sample(HELP, rng.randint(0, 2))]]
    return rng.choice(["\n", "\n\n"]).join(d.put(parts[rng.randint(0, 1) :], glued=False))


def log(d: Draft) -> str:
    lines = [d.g.expand(d.rng.choice(LOG_LINES)) for _ in range(d.rng.randint(3, 10))]
    return "\n".join(d.put(lines))


def readme(d: Draft) -> str:
    rng, g = d.rng, d.g
    parts = [f"# {g.say('{brandslug}')}", *d.prose(1, 3), *[g.expand(line) for line in rng.sample(STEPS, rng.randint(1, 4))]]
    return rng.choice(["\n", "\n\n"]).join([parts[0], *d.put(parts[1:])])


STEPS = ["## Install\n```\nnpm install {brandslug}\n```", "## Usage\nRun `{brandslug} --help` to see the options.", "1. Clone the repository.\n2. Run `make`.\n3. Open port {n3}.", "Set `TOKEN` in your shell before you start the server.", "## License\nMIT", "Please open an issue before you send a pull request.", "Do not commit secrets.", "- ~(x~) tests\n- ~( ~) docs", "Copy `.env.example` to `.env` and fill in the values."]


def prose(d: Draft) -> str:
    return d.rng.choice([" ", " ", " ", "\n", "\n\n"]).join(d.put(d.prose(2, 11), glued=True))


def report(d: Draft) -> str:
    """Several paragraphs with a heading."""
    rng = d.rng
    lines = d.put([" ".join(d.prose(2, 5)) for _ in range(rng.randint(2, 4))])
    return f"{d.subject()}\n\n" + "\n\n".join(lines)


def torn(d: Draft) -> str:
    """Lines broken as in text taken from a PDF."""
    words = " ".join(d.put(d.prose(2, 7))).split(" ")
    width = d.rng.randint(6, 13)
    return "\n".join(" ".join(words[at : at + width]) for at in range(0, len(words), width)) + d.rng.choice(["", "", "\n" + d.g.say("{n2}"), "\n" + d.g.say("Page {n1} of {n2}")])


def chunk(d: Draft) -> str:
    text = " ".join(d.put(d.prose(2, 7)))
    return d.rng.choice(["Context: {}", "[doc {n}] {}", "Document {n}:\n{}", "<context>\n{}\n</context>", "Knowledge base entry {n}: {}", "Background:\n{}", "Excerpt ({n}): {}", "\"\"\"{}\"\"\"", "Article: {}", "Transcript: {}"]).replace("{n}", str(d.rng.randint(1, 40))).replace("{}", text)


def questions(d: Draft) -> str:
    """A list of questions, as in exercises and help pages."""
    lines = [line for line in d.material.several("question", d.rng, 4, 9) if line.endswith("?")] or d.material.several("ticket", d.rng, 2, 5)
    lines = [f"{i}. {line}" for i, line in enumerate(lines, 1)]
    head = d.g.say("[Exercises|Questions|FAQ|Quiz|Homework for {weekday}|Worksheet {n1}: {topic}|Frequently asked questions|Interview questions]")
    return f"{head}\n" + "\n".join(d.put(lines))


SHELLS: dict[str, tuple[Callable[[Draft], str], float]] = {
    "mail": (mail, 5), "page": (page, 2), "results": (results, 3), "record": (record, 2), "table": (table, 3), "chat": (chat, 1.5), "ticket": (ticket, 1.5), "source": (source, 1.3), "forum": (question_and_code, 3), "log": (log, 0.6), "readme": (readme, 0.8), "prose": (prose, 5), "report": (report, 2), "torn": (torn, 1),
    "chunk": (chunk, 2.5), "questions": (questions, 0.5),
}
